package io.aetherflow.gateway.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.ListLocksRequest;
import io.aetherflow.api.statesync.v1.ListLocksResponse;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockServiceGrpc;
import io.aetherflow.api.statesync.v1.ReleaseLockRequest;
import io.aetherflow.api.statesync.v1.RenewLockRequest;
import io.aetherflow.gateway.auth.Right;
import io.aetherflow.gateway.hub.LockClient;
import io.aetherflow.gateway.hub.OwnerCalls;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** {@code /api/v1/documents/{id}/locks}. Blocking. */
final class LockRoutes {
  private final OwnerCalls owners;
  private final LockClient locks;

  LockRoutes(OwnerCalls owners) {
    this.owners = owners;
    this.locks = new LockClient(owners);
  }

  Reply list(ApiRequest request) {
    String id = request.documentId(Right.READ);
    ListLocksResponse found =
        owners.call(
            id,
            (channel, millis) ->
                LockServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                    .listLocks(ListLocksRequest.newBuilder().setDocument(id).build()));
    return Reply.ok(json -> {
      json.writeArrayFieldStart("locks");
      for (Lock each : found.getLocksList()) {
        json.writeStartObject();
        lock(json, each);
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  /** Takes a lock, or with its token renews it. */
  Reply take(ApiRequest request) {
    String id = request.documentId(Right.WRITE);
    JsonNode body = request.body();
    String name = body.path("lock").asText("");
    long token = ApiRequest.number(body, "token");
    Lock lock =
        token > 0
            ? locks.renew(
                RenewLockRequest.newBuilder()
                    .setDocument(id)
                    .setLock(name)
                    .setToken(token)
                    .setUser(request.user())
                    .build())
            : locks.acquire(
                AcquireLockRequest.newBuilder()
                    .setDocument(id)
                    .setLock(name)
                    .setClientId(request.clientId(body))
                    .setUser(request.user())
                    .setTtlMillis(ApiRequest.number(body, "ttl_ms"))
                    .build());
    return Reply.ok(json -> lock(json, lock));
  }

  Reply release(ApiRequest request) {
    locks.release(
        ReleaseLockRequest.newBuilder()
            .setDocument(request.documentId(Right.WRITE))
            .setLock(request.path().get("lock"))
            .setToken(request.number("token", 0, 0, Long.MAX_VALUE))
            .setUser(request.user())
            .build());
    return Reply.none();
  }

  private static void lock(JsonGenerator json, Lock lock) throws IOException {
    json.writeStringField("lock", lock.getLock());
    json.writeNumberField("token", lock.getToken());
    json.writeStringField("client_id", lock.getClientId());
    json.writeStringField("user", lock.getUser());
    json.writeNumberField("ttl_ms", lock.getTtlMillis());
    json.writeNumberField("remaining_ms", lock.getRemainingMillis());
  }
}
