package io.aetherflow.gateway.rest;

import io.aetherflow.gateway.Json;

/** A successful answer; an empty body goes with 204. */
record Reply(int status, String body) {
  static Reply ok(Json.Body body) {
    return new Reply(200, Json.object(body));
  }

  static Reply created(Json.Body body) {
    return new Reply(201, Json.object(body));
  }

  static Reply none() {
    return new Reply(204, "");
  }
}
