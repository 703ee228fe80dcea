package dev.authflow.client.testing;

class ServerLoginStepsTest extends LoginStepFlows {
  ServerLoginStepsTest() {
    super(Side.server());
  }
}
