/**
 * One end of a connection: what arrived, what is to be sent, what time it is. {@link
 * io.aetherflow.quantum.connection.Connection} joins the parts; each part has one concern and knows
 * no other part's state.
 */
package io.aetherflow.quantum.connection;
