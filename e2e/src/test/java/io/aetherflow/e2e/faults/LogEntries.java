package io.aetherflow.e2e.faults;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.e2e.collab.Op;
import io.aetherflow.e2e.faults.StoredLog.Part;
import io.aetherflow.e2e.faults.StoredLog.Stored;
import java.util.ArrayList;
import java.util.List;

/** The message {@code LogEntry} of {@code storage.proto}, read independently of the services. */
final class LogEntries {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LogEntries() {}

  static List<Part> parse(long revision, byte[] entry) {
    List<Part> parts = new ArrayList<>();
    WireReader in = new WireReader(entry);
    for (int field = in.field(); field != 0; field = in.field()) {
      if (field == 1) {
        parts.add(part(revision, in.message()));
      } else {
        in.skip();
      }
    }
    return parts;
  }

  private static Part part(long revision, WireReader in) {
    int shard = 0;
    long epoch = 0;
    long number = 0;
    List<Stored> operations = new ArrayList<>();
    for (int field = in.field(); field != 0; field = in.field()) {
      switch (field) {
        case 1 -> shard = (int) in.varint();
        case 2 -> epoch = in.varint();
        case 3 -> number = in.varint();
        case 4 -> batch(in.message(), operations);
        default -> in.skip();
      }
    }
    return new Part(revision, shard, epoch, number, operations);
  }

  private static void batch(WireReader in, List<Stored> into) {
    String document = "";
    for (int field = in.field(); field != 0; field = in.field()) {
      switch (field) {
        case 1 -> document = in.text();
        case 4 -> into.add(new Stored(document, operation(in.message())));
        default -> in.skip();
      }
    }
  }

  private static Op operation(WireReader in) {
    long seq = 0;
    String clientId = "";
    long clientSeq = 0;
    String data = "";
    for (int field = in.field(); field != 0; field = in.field()) {
      switch (field) {
        case 1 -> seq = in.varint();
        case 2 -> clientId = in.text();
        case 3 -> clientSeq = in.varint();
        case 5 -> data = in.text();
        default -> in.skip();
      }
    }
    return new Op(seq, clientId, clientSeq, plain(data));
  }

  /** Clients write JSON strings. */
  private static String plain(String json) {
    try {
      return JSON.readTree(json).asText();
    } catch (JsonProcessingException e) {
      return json;
    }
  }
}
