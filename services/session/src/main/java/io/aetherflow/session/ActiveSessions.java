package io.aetherflow.session;

/**
 * How many sessions an instance answers for. Every instance knows all sessions and serves whichever
 * call comes, so each counts its equal share: summed over the instances that is all of them, which
 * is what an autoscaler expects of a metric of pods. Pure.
 */
final class ActiveSessions {
  private ActiveSessions() {}

  /**
   * @param instances of the service that discovery knows; an instance alone may not know itself yet
   */
  static double share(int sessions, int instances) {
    return (double) sessions / Math.max(1, instances);
  }
}
