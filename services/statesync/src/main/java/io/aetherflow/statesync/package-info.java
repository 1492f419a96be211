/** Documents with an ordered, durable operation log. */
package io.aetherflow.statesync;
