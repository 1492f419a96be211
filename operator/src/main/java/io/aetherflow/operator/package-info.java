/** The operator's program: settings, HTTP endpoints, main. */
package io.aetherflow.operator;
