/** How a cluster's pods move to other images: pure decisions, no client. */
package io.aetherflow.operator.upgrade;
