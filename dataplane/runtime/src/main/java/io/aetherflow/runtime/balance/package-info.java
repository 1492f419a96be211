/** Which instance of a service gets a call: the better of two, and none that keeps failing. */
package io.aetherflow.runtime.balance;
