/**
 * The AuthFlow client, and what puts a session's user on a request.
 *
 * <p>{@link dev.authflow.client.AuthFlow} and {@link dev.authflow.client.AuthFlowAsync} are the calls,
 * {@link dev.authflow.client.AuthFlowClient} makes them, {@link dev.authflow.client.AuthFlowFilter} guards servlets and
 * {@link dev.authflow.client.AuthFlowServerInterceptor} guards gRPC services. The messages and stubs that they stand on are
 * in {@code dev.authflow.v1}.
 */
package dev.authflow.client;
