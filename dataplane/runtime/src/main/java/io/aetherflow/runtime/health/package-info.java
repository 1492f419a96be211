/** What the kubelet and Prometheus ask. */
package io.aetherflow.runtime.health;
