package io.aetherflow.statesync.grpc;

import io.aetherflow.statesync.document.Outcome;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/** The one answer of a unary call; may be given from any thread, even to a caller that left. */
final class Answer<T> {
  private final StreamObserver<T> observer;

  Answer(StreamObserver<T> observer) {
    this.observer = observer;
    // With a handler set, answering a cancelled call is no failure.
    ((ServerCallStreamObserver<T>) observer).setOnCancelHandler(() -> {});
  }

  void done(T value) {
    observer.onNext(value);
    observer.onCompleted();
  }

  void refused(Refusal why) {
    observer.onError(Errors.of(why));
  }

  void give(Outcome<T> outcome) {
    switch (outcome) {
      case Done<T>(T value) -> done(value);
      case Refused<T>(Refusal why) -> refused(why);
    }
  }

  <O> void give(Outcome<O> outcome, Function<O, T> as) {
    switch (outcome) {
      case Done<O>(O value) -> done(as.apply(value));
      case Refused<O>(Refusal why) -> refused(why);
    }
  }

  void failed(StatusRuntimeException failure) {
    observer.onError(failure);
  }

  void failed(Status status) {
    observer.onError(status.asRuntimeException());
  }
}
