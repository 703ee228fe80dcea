package authflow_test

import (
	"context"

	"go.authflow.dev/authflow"
)

// onceCalls are those of a second factor, which must not be repeated after a lost reply.
var onceCalls = []string{
	"enableTotp", "confirmTotp", "disableTotp", "regenerateRecoveryCodes", "verifyTotp", "sendEmailCode", "verifyEmailCode",
	"verifyRecoveryCode", "sendLoginCode",
}

// makeSecondFactorCall makes a call by its name on the wire; false where it is none of these.
func makeSecondFactorCall(
	ctx context.Context, c authflow.Authenticator, call string, text func(string) string,
) (result map[string]any, err error, ok bool) {
	proof := authflow.SecondFactorProof{
		SessionToken: text("sessionToken"), Email: text("email"), CurrentPassword: text("currentPassword"), Code: text("code"),
	}
	challenge := text("challenge")
	switch call {
	case "enableTotp":
		secret, err := c.EnableTOTP(ctx, authflow.TOTPSetup{
			SessionToken: proof.SessionToken, Email: proof.Email, CurrentPassword: proof.CurrentPassword, Challenge: challenge,
		})
		return map[string]any{
			"secret": secret.Secret(), "otpauth_url": secret.OTPAuthURL(), "qr_code": secret.QRCode(),
			"expires_at": wire(secret.ExpiresAt),
		}, err, true
	case "confirmTotp":
		confirmed, err := c.ConfirmTOTP(ctx, authflow.TOTPConfirmation{
			SessionToken: proof.SessionToken, Email: proof.Email, Code: proof.Code, Challenge: challenge,
		})
		result := map[string]any{}
		if confirmed.Session != nil {
			result = wireStep(*confirmed.Session)
		}
		result["recovery_codes"] = listOf(confirmed.RecoveryCodes)
		return result, err, true
	case "disableTotp":
		return map[string]any{}, c.DisableTOTP(ctx, proof), true
	case "regenerateRecoveryCodes":
		codes, err := c.RegenerateRecoveryCodes(ctx, proof)
		return map[string]any{"recovery_codes": listOf(codes)}, err, true
	case "verifyTotp":
		step, err := c.VerifyTOTP(ctx, challenge, proof.Code)
		return wireStep(step), err, true
	case "sendEmailCode":
		expiresAt, err := c.SendEmailCode(ctx, challenge)
		return map[string]any{"expires_at": wire(expiresAt)}, err, true
	case "verifyEmailCode":
		step, err := c.VerifyEmailCode(ctx, challenge, proof.Code)
		return wireStep(step), err, true
	case "verifyRecoveryCode":
		step, err := c.VerifyRecoveryCode(ctx, challenge, text("recovery_code"))
		return wireStep(step), err, true
	case "sendLoginCode":
		challenge, err := c.SendLoginCode(ctx, proof.Email)
		return map[string]any{"challenge": challenge.Token(), "expires_at": wire(challenge.ExpiresAt)}, err, true
	case "loginStep":
		step, err := c.LoginStep(ctx, proof.Email, text("password"))
		return wireStep(step), err, true
	default:
		return nil, nil, false
	}
}

// wireStep is a session as Login tells it, or a challenge as its refusal does.
func wireStep(step authflow.LoginStep) map[string]any {
	switch step := step.(type) {
	case authflow.Session:
		result := onTheWire(step)
		result["token"] = step.Token()
		return result
	case authflow.Challenge:
		result := onTheWire(step)
		result["challenge"] = step.Token()
		return result
	default:
		return nil
	}
}

func listOf(codes authflow.RecoveryCodes) []any {
	list := []any{}
	for _, code := range codes.List() {
		list = append(list, code)
	}
	return list
}
