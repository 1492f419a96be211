package io.aetherflow.gateway.hub;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Makes a call that does no harm twice again while it has no answer; the first answer counts, or
 * the last failure. Blocking.
 *
 * @param calls at most
 * @param afterMillis between them
 */
record FirstAnswer<T>(int calls, long afterMillis) {

  /**
   * @param call has a deadline
   * @throws StatusRuntimeException when all that were made have failed
   */
  T of(Supplier<ListenableFuture<T>> call) {
    CompletableFuture<T> first = new CompletableFuture<>();
    AtomicInteger underWay = new AtomicInteger();
    for (int made = 1; ; made++) {
      underWay.incrementAndGet();
      Futures.addCallback(
          call.get(),
          new FutureCallback<>() {
            @Override
            public void onSuccess(T answer) {
              first.complete(answer);
            }

            @Override
            public void onFailure(Throwable failure) {
              if (underWay.decrementAndGet() == 0) {
                first.completeExceptionally(failure);
              }
            }
          },
          MoreExecutors.directExecutor());
      if (made == calls) {
        return joined(first);
      }
      try {
        return first.get(afterMillis, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // The next one goes to the next instance in turn, or to one that is found less busy.
      } catch (ExecutionException e) {
        throw Status.fromThrowable(e).asRuntimeException(Status.trailersFromThrowable(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Status.CANCELLED.withDescription("interrupted").asRuntimeException();
      }
    }
  }

  private static <T> T joined(CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw Status.fromThrowable(e).asRuntimeException(Status.trailersFromThrowable(e));
    }
  }
}
