"""A little backend: register, login in one step or two, me, logout, and a forgotten password."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

import uvicorn
from authflow_client import AsyncClient, Challenge, LoginStep, Reason, SessionUser, User
from authflow_client.fastapi import Sessions, install_error_handlers
from fastapi import Cookie, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

authflow = AsyncClient()
sessions = Sessions(authflow)


class Credentials(BaseModel):
    email: str
    password: str


class Code(BaseModel):
    method: Literal["totp", "email", "recovery"] = "totp"
    code: str


class Registration(Credentials):
    fullname: str


class Forgotten(BaseModel):
    email: str


class NewPassword(BaseModel):
    password: str
    token: str = ""
    current_password: str | None = None


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with authflow:
        yield


app = FastAPI(title="A backend with AuthFlow", lifespan=lifespan)
install_error_handlers(app)


@app.exception_handler(RequestValidationError)
async def answer_malformed(_: Request, error: RequestValidationError) -> JSONResponse:
    # What was sent is not repeated: a password may be in it.
    message = ". ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
    return JSONResponse({"statusCode": 400, "error": "INVALID_ARGUMENT", "message": message}, 400)


@app.post("/register", status_code=201)
async def register(new: Registration) -> User:
    # Your page has shown the terms.
    return await authflow.sign_up(new.email, new.password, new.fullname, disclaimed=True)


# The server is told the session of a device that had one: its tries are counted apart.
@app.post("/login", dependencies=[Depends(sessions.previous_session)])
async def login(credentials: Credentials, response: Response) -> dict[str, Any]:
    return told(await authflow.login_step(credentials.email, credentials.password), response)


# The second step of a login. The challenge that it answers is in a cookie that no script can read.
Challenged = Annotated[str, Cookie(alias="login_challenge")]


@app.post("/login/mail", status_code=204)
async def send_code(challenge: Challenged = "") -> None:
    await authflow.send_email_code(challenge)


@app.post("/login/code")
async def answer_challenge(code: Code, response: Response, challenge: Challenged = "") -> dict[str, Any]:
    if code.method == "totp":
        step: LoginStep = await authflow.verify_totp(challenge, code.code)
    elif code.method == "email":
        step = await authflow.verify_email_code(challenge, code.code)
    else:
        step = await authflow.verify_recovery_code(challenge, code.code)
    return told(step, response)


def told(step: LoginStep, response: Response) -> dict[str, Any]:
    """The session; or what the page has to ask for next, in the shape of an error with the `methods` beside it."""
    cookie: dict[str, Any] = {"path": "/", "httponly": True, "secure": True, "samesite": "strict"}
    if isinstance(step, Challenge):
        response.set_cookie("login_challenge", step.challenge, expires=step.expires_at, **cookie)
        status = response.status_code = 403 if step.reason == Reason.PASSWORD_CHANGE_REQUIRED else 401
        message = "The login goes on."
        return {"statusCode": status, "error": step.reason, "message": message, "methods": step.methods}
    response.delete_cookie("login_challenge", **cookie)
    return {"token": step.token, **step.to_dict()}


# The answer is the same for everybody: nobody learns who has an account. The mail's link leads to your page, or the
# server's own.
@app.post("/forgot-password", status_code=204)
async def forgot_password(forgotten: Forgotten) -> None:
    await authflow.forgot_password(forgotten.email)


# By the token of a mail, or where a login demands another password by its challenge.
@app.post("/reset-password", status_code=204)
async def reset_password(new: NewPassword, challenge: Challenged = "") -> None:
    await authflow.reset_password(new.token or challenge, new.password, current_password=new.current_password)


@app.get("/me")
async def me(user: Annotated[SessionUser, Depends(sessions.current_user)]) -> SessionUser:
    return user


@app.post("/logout", status_code=204)
async def logout(token: Annotated[str, Depends(sessions.session_token)]) -> None:
    await authflow.logout(token)


class Server(uvicorn.Server):
    async def startup(self, *args: Any, **kwargs: Any) -> None:
        await super().startup(*args, **kwargs)
        print(f"listening on {self.config.port}", flush=True)


if __name__ == "__main__":
    Server(uvicorn.Config(app, host="127.0.0.1", port=int(os.environ["PORT"]))).run()
