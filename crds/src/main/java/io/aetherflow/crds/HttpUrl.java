package io.aetherflow.crds;

/** What the schema takes for the address of an HTTP server; also a URI in the eyes of Java. */
final class HttpUrl {
  private static final String HOST = "([A-Za-z0-9.-]+|[[][0-9A-Fa-f:.]+[]])";

  /** 1 to 65535: a NetworkPolicy takes no other. */
  private static final String PORT =
      "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?";

  /** Without a query: a path is put after it. */
  static final String BASE_PATTERN = "^https?://" + HOST + PORT + "(/[A-Za-z0-9._~/-]*)?$";

  static final String PATTERN = "^https?://" + HOST + PORT + "(/[A-Za-z0-9._~/?=&:@-]*)?$";

  static final int CHARS_MAX = 512;

  private HttpUrl() {}
}
