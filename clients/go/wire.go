package authflow

import (
	authflowv1 "go.authflow.dev/gen/authflow/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

type userReply interface {
	GetUserId() string
	GetEmail() string
	GetFullname() string
	GetOrgId() string
}

type sessionUserReply interface {
	userReply
	GetSessionId() string
	GetExpiresAt() *timestamppb.Timestamp
	GetEmailVerified() bool
	GetRoles() []string
}

func sessionUserOf(reply sessionUserReply) SessionUser {
	return SessionUser{
		User:          userOf(reply),
		SessionID:     reply.GetSessionId(),
		ExpiresAt:     reply.GetExpiresAt().AsTime(),
		EmailVerified: reply.GetEmailVerified(),
		Roles:         NewRoles(reply.GetRoles()...),
	}
}

func sessionOf(reply interface {
	userReply
	GetToken() string
	GetExpiresAt() *timestamppb.Timestamp
}) Session {
	return NewSession(userOf(reply), reply.GetToken(), reply.GetExpiresAt().AsTime())
}

func userOf(reply userReply) User {
	return User{
		UserID:   reply.GetUserId(),
		Email:    reply.GetEmail(),
		FullName: reply.GetFullname(),
		OrgID:    reply.GetOrgId(),
	}
}

func accountOf(reply interface {
	sessionUserReply
	GetSecondFactor() bool
	GetRecoveryCodesLeft() uint32
	GetPublicMetadata() string
	GetCreatedAt() *timestamppb.Timestamp
}) Account {
	return Account{
		SessionUser:       sessionUserOf(reply),
		SecondFactor:      reply.GetSecondFactor(),
		RecoveryCodesLeft: reply.GetRecoveryCodesLeft(),
		PublicMetadata:    reply.GetPublicMetadata(),
		CreatedAt:         reply.GetCreatedAt().AsTime(),
	}
}

func mySessionsOf(sessions []*authflowv1.MySession) []MySession {
	own := make([]MySession, 0, len(sessions))
	for _, each := range sessions {
		own = append(own, MySession{
			SessionID:  each.GetSessionId(),
			CreatedAt:  each.GetCreatedAt().AsTime(),
			LastUsedAt: each.GetLastUsedAt().AsTime(),
			ExpiresAt:  each.GetExpiresAt().AsTime(),
			ClientIP:   each.GetClientIp(),
			UserAgent:  each.GetUserAgent(),
			Current:    each.GetCurrent(),
		})
	}
	return own
}

func confirmedOf(reply *authflowv1.ConfirmTotpResponse) ConfirmedTOTP {
	confirmed := ConfirmedTOTP{RecoveryCodes: NewRecoveryCodes(reply.GetRecoveryCodes()...)}
	if reply.GetToken() != "" {
		session := sessionOf(reply)
		confirmed.Session = &session
	}
	return confirmed
}
