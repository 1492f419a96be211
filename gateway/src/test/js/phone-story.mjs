// The pages on a phone's screen, in a real browser. Arguments: its program, the gateway's URL, a token,
// the folder for pictures. Prints for each page how it fits, as JSON.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open, within } from './browser.mjs'

const [program, base, token, pictures] = process.argv.slice(2)
const SCREEN = { width: 360, height: 740, deviceScaleFactor: 2, mobile: true }

/** A page, and what is so when it shows what it has. */
const PAGES = {
  '/': 'document.querySelector("a") !== null',
  '/demo?room=phone': 'globalThis.demo?.state() === "connected" && demo.synced()',
  '/console': 'document.querySelectorAll("#pods tr").length === 2',
  '/api.html': 'document.querySelectorAll("details, section, h2").length > 3'
}

const untilSo = condition => `new Promise(resolve => {
  const look = () => { ${condition} ? resolve() : setTimeout(look, 50) }
  look()
})`

/** What is cut off at the right and cannot be scrolled to, and what is too small for a finger. */
const FIT = `(() => {
  const shown = each => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0
  const scrolls = each => each !== null && each !== document.body &&
    (/auto|scroll/.test(getComputedStyle(each).overflowX) || scrolls(each.parentElement))
  const name = each => each.tagName.toLowerCase() + (each.id ? '#' + each.id : '')
  return {
    width: document.documentElement.scrollWidth,
    beyond: [...document.querySelectorAll('body *')].filter(each => shown(each) && !scrolls(each.parentElement) &&
      each.getBoundingClientRect().right > ${SCREEN.width} + 1).map(name),
    small: [...document.querySelectorAll('button, input, select, textarea')].filter(each => shown(each) &&
      each.type !== 'checkbox' && each.getBoundingClientRect().height < 24).map(name)
  }
})()`

const page = await open(program)
try {
  await page.call('Emulation.setDeviceMetricsOverride', SCREEN)
  await page.call('Emulation.setTouchEmulationEnabled', { enabled: true })
  for (const [path, ready] of Object.entries(PAGES)) {
    await page.go('about:blank')
    await page.go(base + path + '#token=' + token)
    await within(30_000, path, page.value(untilSo(ready)))
    const { data } = await page.call('Page.captureScreenshot', {})
    writeFileSync(join(pictures, `phone${path.split('?')[0].replace('/', '-')}.png`), Buffer.from(data, 'base64'))
    console.log('FIT ' + JSON.stringify({ path, ...await page.value(FIT) }))
  }
} finally {
  await page.close()
}
