package io.aetherflow.operator.certificates;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes keys (ECDSA P-256) and signs certificates. Thread-safe if its source of randomness is. */
public final class Issuer {
  /** Clocks of other nodes may be behind ours. */
  private static final Duration BACKDATED = Duration.ofMinutes(5);

  private static final String CURVE = "secp256r1";
  private static final String SIGNATURE = "SHA256withECDSA";

  /** RFC 5280 allows 160 bits; this many are beyond guessing and repetition. */
  private static final int SERIAL_BITS = 127;

  private final SecureRandom random;

  public Issuer(SecureRandom random) {
    this.random = random;
  }

  /** When an authority was made. */
  public static Instant madeAt(Credential authority) {
    return authority.certificate().getNotBefore().toInstant().plus(BACKDATED);
  }

  /** A new authority, signed by itself. */
  Credential authority(CertificateRequest request, Instant now) {
    KeyPair keys = keys();
    BigInteger serial = serial();
    // Two authorities of one cluster must differ in name, or a verifier may try the wrong one.
    X500Name name = name("etcd-ca " + serial.toString(16).substring(0, 8), request.cluster());
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            serial,
            date(now.minus(BACKDATED)),
            date(now.plus(request.authorityLifetime())),
            name,
            keys.getPublic());
    try {
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(keys.getPublic()));
      return sign(builder, keys, keys);
    } catch (GeneralSecurityException | CertIOException e) {
      throw new IllegalStateException("cannot make an authority", e);
    }
  }

  /** A certificate that never outlives the authority that signs it. */
  Credential leaf(Credential authority, CertificateRequest request, Role role, Instant now) {
    X509Certificate issuer = authority.certificate();
    Instant wanted = now.plus(request.leafLifetime());
    Instant last = issuer.getNotAfter().toInstant();
    KeyPair keys = keys();
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            serial(),
            date(now.minus(BACKDATED)),
            date(wanted.isBefore(last) ? wanted : last),
            name(role.commonName(), request.cluster()),
            keys.getPublic());
    try {
      extend(builder, issuer, keys, role, names(request, role));
      KeyPair signer = new KeyPair(issuer.getPublicKey(), Pem.privateKey(authority.keyPem()));
      return sign(builder, keys, signer);
    } catch (GeneralSecurityException | CertIOException e) {
      throw new IllegalStateException("cannot make a " + role + " certificate", e);
    }
  }

  private static void extend(
      X509v3CertificateBuilder builder,
      X509Certificate issuer,
      KeyPair keys,
      Role role,
      List<GeneralName> names)
      throws GeneralSecurityException, CertIOException {
    JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
    KeyPurposeId[] purposes =
        role == Role.CLIENT
            ? new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth}
            : new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    builder.addExtension(
        Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(keys.getPublic()));
    builder.addExtension(
        Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(issuer));
    if (!names.isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(names.toArray(GeneralName[]::new)));
    }
  }

  private static List<GeneralName> names(CertificateRequest request, Role role) {
    List<GeneralName> names = new ArrayList<>();
    role.hosts(request).forEach(host -> names.add(new GeneralName(GeneralName.dNSName, host)));
    role.addresses().forEach(ip -> names.add(new GeneralName(GeneralName.iPAddress, ip)));
    return names;
  }

  private static X500Name name(String commonName, String cluster) {
    return new X500Name("CN=" + commonName + ",OU=" + cluster + ",O=AetherFlow");
  }

  private Credential sign(X509v3CertificateBuilder builder, KeyPair keys, KeyPair signer)
      throws GeneralSecurityException {
    try {
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder(SIGNATURE)
                          .setSecureRandom(random)
                          .build(signer.getPrivate())));
      return new Credential(
          Pem.of(certificate), Pem.text("PRIVATE KEY", keys.getPrivate().getEncoded()));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK makes no P-256 keys", e);
    }
  }

  /** Positive, never zero, and always long enough to cut a name from. */
  private BigInteger serial() {
    return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
  }

  private static Date date(Instant instant) {
    return Date.from(instant);
  }
}
