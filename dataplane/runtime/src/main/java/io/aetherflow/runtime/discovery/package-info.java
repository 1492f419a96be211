/** Who serves what, from the leased keys under {@code /services}. */
package io.aetherflow.runtime.discovery;
