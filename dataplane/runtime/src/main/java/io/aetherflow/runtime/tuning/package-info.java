/** Which tuning this pod runs, and its word on it to the operator. */
package io.aetherflow.runtime.tuning;
