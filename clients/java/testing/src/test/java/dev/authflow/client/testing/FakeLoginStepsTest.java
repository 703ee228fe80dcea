package dev.authflow.client.testing;

class FakeLoginStepsTest extends LoginStepFlows {
  FakeLoginStepsTest() {
    super(Side.fake());
  }
}
