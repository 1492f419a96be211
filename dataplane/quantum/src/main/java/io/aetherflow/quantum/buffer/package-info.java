/** Big-endian integers and variable-length integers in byte arrays; shared by all codecs. */
package io.aetherflow.quantum.buffer;
