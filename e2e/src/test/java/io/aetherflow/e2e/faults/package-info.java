/** Random faults under load, and a checker of what the clients saw and what etcd was told. */
package io.aetherflow.e2e.faults;
