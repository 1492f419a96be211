package io.aetherflow.gateway.session;

import io.aetherflow.api.session.v1.CreateSessionRequest;
import io.aetherflow.api.session.v1.CreateSessionResponse;
import io.aetherflow.api.session.v1.DeleteSessionRequest;
import io.aetherflow.api.session.v1.ResumeSessionRequest;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.RequestId;
import io.aetherflow.gateway.Traced;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sessions over gRPC. */
public final class SessionClient implements SessionGateway {
  private static final Logger LOG = LoggerFactory.getLogger(SessionClient.class);
  private static final long DEADLINE_MILLIS = 5000;
  private static final Set<Status.Code> REFUSALS =
      Set.of(
          Status.Code.NOT_FOUND,
          Status.Code.PERMISSION_DENIED,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.FAILED_PRECONDITION);

  private final Backends backends;
  private final String gateway;
  private final Executor blocking;

  /**
   * @param gateway this gateway's instance name
   * @param blocking runs calls that may block, each on a thread of its own
   */
  public SessionClient(Backends backends, String gateway, Executor blocking) {
    this.backends = backends;
    this.gateway = gateway;
    this.blocking = blocking;
  }

  @Override
  public void create(String user, Consumer<Result> answer) {
    CreateSessionRequest request =
        CreateSessionRequest.newBuilder()
            .setUser(user)
            .setGateway(gateway)
            .setRequestId(RequestId.create().toString())
            .build();
    execute(() -> answer.accept(attempt(() -> opened(stub().createSession(request)))));
  }

  @Override
  public void resume(String user, String session, String token, Consumer<Result> answer) {
    ResumeSessionRequest request =
        ResumeSessionRequest.newBuilder()
            .setId(session)
            .setResumeToken(token)
            .setGateway(gateway)
            .build();
    execute(() ->
        answer.accept(
            attempt(() -> {
              CreateSessionResponse response = stub().resumeSession(request);
              return response.getSession().getUser().equals(user)
                  ? opened(response)
                  : new Result.Refused();
            })));
  }

  @Override
  public void end(String session) {
    execute(() -> {
      try {
        stub()
            .deleteSession(
                DeleteSessionRequest.newBuilder()
                    .setId(session)
                    .setReason("closed by the client")
                    .build());
      } catch (StatusRuntimeException e) {
        LOG.info("Session {} stays until it expires: {}", session, e.getStatus());
      }
    });
  }

  private void execute(Runnable call) {
    blocking.execute(Traced.wrap(call));
  }

  private SessionServiceGrpc.SessionServiceBlockingStub stub() {
    return SessionServiceGrpc.newBlockingStub(backends.sessionService())
        .withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static Result opened(CreateSessionResponse response) {
    return new Result.Opened(response.getSession().getId(), response.getResumeToken());
  }

  private static Result attempt(Supplier<Result> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      if (REFUSALS.contains(e.getStatus().getCode())) {
        return new Result.Refused();
      }
      LOG.warn("The session service did not answer: {}", e.getStatus());
      return new Result.Unavailable("the session service does not answer; try again");
    }
  }
}
