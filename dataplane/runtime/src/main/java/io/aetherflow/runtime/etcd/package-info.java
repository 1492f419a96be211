/** The pod's connection to etcd: one lease, and mirrors of key prefixes that survive anything. */
package io.aetherflow.runtime.etcd;
