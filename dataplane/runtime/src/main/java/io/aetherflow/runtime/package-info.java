/** What every data-plane pod embeds; {@link io.aetherflow.runtime.AetherRuntime} is the entry. */
package io.aetherflow.runtime;
