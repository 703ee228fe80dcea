import 'reflect-metadata';
import { AuthFlowClient } from '@authflow/client';
import {
  AuthUser,
  authFlowErrors,
  Public,
  RequireRole,
  SessionGuard,
  SessionToken,
  type SessionUser,
} from '@authflow/client/nest';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';

const auth = new AuthFlowClient();

@Controller()
class AccountController {
  @Public()
  @Get()
  welcome() {
    return 'Welcome.';
  }

  @Get('me')
  me(@AuthUser() user: SessionUser) {
    return user;
  }

  @RequireRole('auditor', 'admin')
  @Get('reports')
  reports() {
    return 'Nothing to report.';
  }

  @Post('logout')
  @HttpCode(204)
  async logout(@SessionToken() sessionToken: string) {
    await auth.logout({ sessionToken });
  }
}

@Module({
  controllers: [AccountController],
  providers: [{ provide: APP_GUARD, useValue: new SessionGuard(auth) }],
})
class AppModule {}

export const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.useGlobalFilters(authFlowErrors());
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
