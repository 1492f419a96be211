package io.aetherflow.bench.fec;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.aetherflow.quantum.fec.CodingMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Intel's ISA-L ({@code libisal.so.2}) on memory outside the heap, with our coding matrix, so that
 * its parity equals ours. It chooses its kernel by the processor.
 */
final class IsalCoder implements Coder {
  private static final String LIBRARY = "libisal.so.2";

  /** Bytes of expanded table for each factor. */
  private static final int TABLE_BYTES = 32;

  private static final int ALIGNMENT_BYTES = 64;
  private static final int SHARDS = Shards.SOURCES + Shards.REPAIRS;

  private final MethodHandle encodeData;
  private final MemorySegment[] shards = new MemorySegment[SHARDS];
  private final MemorySegment encodeTables;
  private final MemorySegment encodeIns;
  private final MemorySegment encodeOuts;
  private final MemorySegment decodeTables;
  private final MemorySegment decodeIns;
  private final MemorySegment decodeOuts;

  private IsalCoder(SymbolLookup library) throws Throwable {
    Arena arena = Arena.ofAuto();
    encodeData =
        function(
            library,
            "ec_encode_data",
            FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
    MethodHandle initTables =
        function(
            library,
            "ec_init_tables",
            FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    MethodHandle invert =
        function(
            library,
            "gf_invert_matrix",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    byte[][] content = Shards.of(1);
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = arena.allocate(Shards.BYTES, ALIGNMENT_BYTES);
      MemorySegment.copy(content[i], 0, shards[i], JAVA_BYTE, 0, Shards.BYTES);
    }
    MemorySegment rows = arena.allocate(SHARDS * Shards.SOURCES);
    CodingMatrix matrix = new CodingMatrix(Shards.SOURCES);
    for (int r = 0; r < Shards.REPAIRS; r++) {
      for (int c = 0; c < Shards.SOURCES; c++) {
        rows.set(JAVA_BYTE, (long) r * Shards.SOURCES + c, matrix.factor(r, c));
      }
    }
    int tableBytes = TABLE_BYTES * Shards.SOURCES * Shards.REPAIRS;
    encodeTables = arena.allocate(tableBytes, ALIGNMENT_BYTES);
    initTables.invoke(Shards.SOURCES, Shards.REPAIRS, rows, encodeTables);
    encodeIns = addresses(arena, 0, Shards.SOURCES);
    encodeOuts = addresses(arena, Shards.SOURCES, SHARDS);

    MemorySegment survivors = arena.allocate(Shards.SOURCES * Shards.SOURCES);
    decodeIns = arena.allocate(ADDRESS.byteSize() * Shards.SOURCES);
    fillSurvivors(survivors, rows);
    MemorySegment inverse = arena.allocate(Shards.SOURCES * Shards.SOURCES);
    if ((int) invert.invoke(survivors, inverse, Shards.SOURCES) != 0) {
      throw new IllegalStateException("a Reed-Solomon matrix has an inverse");
    }
    MemorySegment wanted = arena.allocate(Shards.REPAIRS * Shards.SOURCES);
    decodeOuts = arena.allocate(ADDRESS.byteSize() * Shards.REPAIRS);
    for (int i = 0; i < Shards.LOST.length; i++) {
      MemorySegment.copy(
          inverse,
          (long) Shards.LOST[i] * Shards.SOURCES,
          wanted,
          (long) i * Shards.SOURCES,
          Shards.SOURCES);
      decodeOuts.setAtIndex(ADDRESS, i, shards[Shards.LOST[i]]);
    }
    decodeTables = arena.allocate(tableBytes, ALIGNMENT_BYTES);
    initTables.invoke(Shards.SOURCES, Shards.REPAIRS, wanted, decodeTables);
  }

  /** Nothing where the library is not installed. */
  static Optional<Coder> load() {
    try {
      return Optional.of(new IsalCoder(SymbolLookup.libraryLookup(LIBRARY, Arena.global())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    } catch (Throwable e) {
      throw new IllegalStateException("ISA-L is installed but does not work", e);
    }
  }

  private static MethodHandle function(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
  }

  /** The equations of the shards that arrived: unit rows for sources, then parity rows. */
  private void fillSurvivors(MemorySegment survivors, MemorySegment parityRows) {
    boolean[] present = Shards.present();
    int row = 0;
    for (int shard = 0; row < Shards.SOURCES; shard++) {
      if (!present[shard]) {
        continue;
      }
      if (shard < Shards.SOURCES) {
        survivors.set(JAVA_BYTE, (long) row * Shards.SOURCES + shard, (byte) 1);
      } else {
        MemorySegment.copy(
            parityRows,
            (long) (shard - Shards.SOURCES) * Shards.SOURCES,
            survivors,
            (long) row * Shards.SOURCES,
            Shards.SOURCES);
      }
      decodeIns.setAtIndex(ADDRESS, row, shards[shard]);
      row++;
    }
  }

  private MemorySegment addresses(Arena arena, int from, int to) {
    MemorySegment addresses = arena.allocate(ADDRESS.byteSize() * (to - from));
    for (int i = from; i < to; i++) {
      addresses.setAtIndex(ADDRESS, i - from, shards[i]);
    }
    return addresses;
  }

  @Override
  public void encode() {
    call(encodeTables, encodeIns, encodeOuts);
  }

  @Override
  public void decode() {
    call(decodeTables, decodeIns, decodeOuts);
  }

  private void call(MemorySegment tables, MemorySegment ins, MemorySegment outs) {
    try {
      encodeData.invokeExact(Shards.BYTES, Shards.SOURCES, Shards.REPAIRS, tables, ins, outs);
    } catch (Throwable e) {
      throw new IllegalStateException("ec_encode_data throws nothing", e);
    }
  }

  @Override
  public void lose() {
    for (int lost : Shards.LOST) {
      shards[lost].fill((byte) 0);
    }
  }

  @Override
  public byte[][] parity() {
    return copies(Shards.SOURCES, SHARDS);
  }

  @Override
  public byte[][] sources() {
    return copies(0, Shards.SOURCES);
  }

  private byte[][] copies(int from, int to) {
    byte[][] copies = new byte[to - from][];
    for (int i = from; i < to; i++) {
      copies[i - from] = shards[i].toArray(JAVA_BYTE);
    }
    return copies;
  }
}
