package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.certificates.ServerPair;
import io.aetherflow.operator.model.CertificateSecrets;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.GatewayTls;
import io.aetherflow.operator.model.Ports;
import io.fabric8.kubernetes.api.model.Secret;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whether the gateways have a certificate for HTTPS. Pure.
 *
 * @param offered whether the Service has the port of HTTPS
 * @param end when the certificate ends, if one can be read
 * @param lookAgainAt when the Secret is read again; it carries no label by which to watch it
 */
record HeldGatewayTls(
    Verdict verdict, boolean offered, Optional<Instant> end, Optional<Instant> lookAgainAt) {
  static final String CONDITION = "GatewayCertificateReady";

  private static final List<String> KEYS = List.of(GatewayTls.CERTIFICATE_KEY, GatewayTls.KEY_KEY);

  private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  /** Somebody waits for it then. */
  private static final Duration LOOK_EVERY_WHILE_UNUSABLE = Duration.ofSeconds(10);

  static final HeldGatewayTls NONE =
      new HeldGatewayTls(
          Verdict.yes("NotRequired", "spec.gateway.tls names no Secret: only HTTP is served"),
          false,
          Optional.empty(),
          Optional.empty());

  /**
   * @param secrets a Secret of the cluster's namespace by name
   * @param offeredBefore whether the Service has the port already; it keeps it, for the gateways
   *     serve on with the certificate that they read last
   */
  static HeldGatewayTls of(
      EffectiveSpec spec,
      Function<String, Optional<Secret>> secrets,
      boolean offeredBefore,
      Instant now) {
    return spec.workloads().stream()
        .flatMap(each -> each.tls().stream())
        .findFirst()
        .map(GatewayTls::secretName)
        .map(name -> of(name, secrets.apply(name), offeredBefore, now))
        .orElse(NONE);
  }

  private static HeldGatewayTls of(
      String name, Optional<Secret> secret, boolean offeredBefore, Instant now) {
    if (secret.isEmpty()) {
      return unusable(
          Verdict.no(
              "GatewaySecretMissing",
              "Secret " + name + " is missing; it must hold " + String.join(" and ", KEYS)),
          offeredBefore,
          now);
    }
    Map<String, String> data = CertificateSecrets.data(secret);
    try {
      for (String key : KEYS) {
        if (!data.containsKey(key)) {
          throw new IllegalArgumentException("it lacks " + key);
        }
      }
      X509Certificate certificate =
          ServerPair.of(data.get(GatewayTls.CERTIFICATE_KEY), data.get(GatewayTls.KEY_KEY));
      Instant begin = certificate.getNotBefore().toInstant();
      Instant end = certificate.getNotAfter().toInstant();
      if (now.isBefore(begin)) {
        return notYet(name, begin, end, offeredBefore, now);
      }
      return new HeldGatewayTls(
          verdict(name, end, now), true, Optional.of(end), Optional.of(now.plus(LOOK_EVERY)));
    } catch (IllegalArgumentException e) {
      return unusable(
          Verdict.no("GatewaySecretInvalid", "Secret " + name + ": " + e.getMessage()),
          offeredBefore,
          now);
    }
  }

  private static HeldGatewayTls unusable(Verdict why, boolean offeredBefore, Instant now) {
    String consequence =
        offeredBefore
            ? "; gateways that have read an earlier certificate serve on with it"
            : "; until then port " + Ports.HTTPS + " is not offered";
    return new HeldGatewayTls(
        Verdict.no(why.reason(), why.message() + consequence),
        offeredBefore,
        Optional.empty(),
        Optional.of(now.plus(LOOK_EVERY_WHILE_UNUSABLE)));
  }

  /** Gateways take it up as it is, so those that run lose their users until then. */
  private static HeldGatewayTls notYet(
      String name, Instant begin, Instant end, boolean offeredBefore, Instant now) {
    String consequence =
        offeredBefore
            ? "; until then users are refused by their own clients"
            : "; until then port " + Ports.HTTPS + " is not offered";
    Instant next = now.plus(LOOK_EVERY);
    return new HeldGatewayTls(
        Verdict.no(
            "GatewayCertificateNotYetValid",
            "the certificate of Secret " + name + " is valid only from " + begin + consequence),
        offeredBefore,
        Optional.of(end),
        Optional.of(begin.isBefore(next) ? begin : next));
  }

  private static Verdict verdict(String name, Instant end, Instant now) {
    return now.isBefore(end)
        ? Verdict.yes(
            "Given",
            "the certificate of Secret "
                + name
                + " is valid until "
                + end
                + "; who made it renews it")
        : Verdict.no(
            "GatewayCertificateExpired", "the certificate of Secret " + name + " ended at " + end);
  }
}
