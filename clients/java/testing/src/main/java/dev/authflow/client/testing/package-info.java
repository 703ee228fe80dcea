/** {@link dev.authflow.client.testing.AuthFlowFake}: the client's interface without a server, for tests. */
package dev.authflow.client.testing;
