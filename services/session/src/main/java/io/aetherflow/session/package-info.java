/** Sessions of authenticated client connections; all state is in etcd, so any pod may die. */
package io.aetherflow.session;
