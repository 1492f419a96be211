package io.aetherflow.operator.etcd;

/**
 * What is to be.
 *
 * @param pods how many the StatefulSet has
 * @param admission who may start without data
 * @param step the one thing to do beyond that
 */
public record MembershipPlan(int pods, Admission admission, MembershipStep step) {}
