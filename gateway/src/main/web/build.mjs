// Bundles the pages into the folder given, unless nothing changed since the last time.
// Arguments: work folder, output folder, sources of the TypeScript client.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [work, out, client] = process.argv.slice(2)
const here = dirname(fileURLToPath(import.meta.url))

const files = root => readdirSync(root, { recursive: true, withFileTypes: true })
  .filter(each => each.isFile())
  .map(each => join(each.parentPath ?? each.path, each.name))
  .sort()

function digest (paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

function run (command, args) {
  const ended = spawnSync(command, args, { cwd: work, stdio: 'inherit' })
  if (ended.error) throw ended.error
  if (ended.status !== 0) {
    console.error(`[ERROR] ${command} ${args.join(' ')} failed in ${work}; its output is above`)
    process.exit(1)
  }
}

const same = (file, text) => existsSync(file) && readFileSync(file, 'utf8') === text

const stamp = join(out, 'pages.sha256')
const sources = digest([...files(here), ...files(client)])
if (same(stamp, sources)) process.exit(0)

mkdirSync(work, { recursive: true })
for (const folder of ['src', 'client']) rmSync(join(work, folder), { recursive: true, force: true })
cpSync(here, work, { recursive: true })
cpSync(client, join(work, 'client'), { recursive: true })

const installed = join(work, 'installed.sha256')
const packages = digest([join(here, 'package.json'), join(here, 'package-lock.json')])
if (!same(installed, packages)) {
  run('npm', ['ci', '--prefer-offline', '--no-progress'])
  writeFileSync(installed, packages)
}
run(join('node_modules', '.bin', 'tsc'), [])
const { build } = await import(join(work, 'node_modules', 'esbuild', 'lib', 'main.js'))
await build({
  absWorkingDir: work,
  entryPoints: ['src/demo.ts', 'src/console.ts'],
  outdir: join(out, 'assets'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning'
})
writeFileSync(stamp, sources)
