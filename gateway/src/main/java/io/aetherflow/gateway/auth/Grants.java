package io.aetherflow.gateway.auth;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rights per document, from the token's claim {@code docs}: a list of {@code {"doc": "notes.*",
 * "allow": ["read", "write", "history", "presence"]}}. A document's rights are those of all entries
 * that match it. A token without the claim may do everything.
 */
public final class Grants {
  /** Every attach walks the list; a token of 8 KiB holds hardly more. */
  static final int GRANTS_MAX = 256;

  public static final Grants ALL = new Grants(List.of(new Grant("*", EnumSet.allOf(Right.class))));

  private final List<Grant> grants;

  /** {@code doc} is an id, or a prefix that ends in {@code *}. */
  private record Grant(String doc, Set<Right> rights) {
    boolean matches(String document) {
      return doc.endsWith("*")
          ? document.startsWith(doc.substring(0, doc.length() - 1))
          : document.equals(doc);
    }
  }

  private Grants(List<Grant> grants) {
    this.grants = List.copyOf(grants);
  }

  /**
   * @param claim the claim as parsed JSON; null when the token has none
   * @throws AuthException when it is not of the documented form, for a typing error must not grant
   */
  static Grants of(Object claim) throws AuthException {
    if (claim == null) {
      return ALL;
    }
    if (!(claim instanceof Collection<?> entries) || entries.size() > GRANTS_MAX) {
      throw new AuthException("token's docs must be a list of at most " + GRANTS_MAX + " entries");
    }
    List<Grant> grants = new ArrayList<>();
    for (Object entry : entries) {
      if (!(entry instanceof Map<?, ?> fields)
          || !(fields.get("doc") instanceof String doc)
          || !(fields.get("allow") instanceof Collection<?> names)) {
        throw new AuthException("an entry of token's docs has \"doc\" and \"allow\"");
      }
      grants.add(new Grant(doc, rights(names)));
    }
    return new Grants(grants);
  }

  public Set<Right> on(String document) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (Grant each : grants) {
      if (each.matches(document)) {
        rights.addAll(each.rights());
      }
    }
    return rights;
  }

  public boolean allows(String document, Right right) {
    return grants.stream().anyMatch(g -> g.rights().contains(right) && g.matches(document));
  }

  private static Set<Right> rights(Collection<?> names) throws AuthException {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (Object name : names) {
      rights.add(
          Right.of(String.valueOf(name))
              .orElseThrow(() ->
                  new AuthException("token's docs allow read, write, history and presence only")));
    }
    return rights;
  }
}
