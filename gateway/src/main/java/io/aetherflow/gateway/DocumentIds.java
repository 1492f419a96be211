package io.aetherflow.gateway;

import java.util.regex.Pattern;

/** Which document ids clients may use; an id becomes part of etcd keys and URLs. */
public final class DocumentIds {
  public static final String RULE = "1 to 128 of the characters A-Z a-z 0-9 . _ : -";
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  private DocumentIds() {}

  public static boolean valid(String id) {
    return VALID.matcher(id).matches();
  }
}
