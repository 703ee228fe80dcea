"""A little backend: register, login, me, logout, and a forgotten password."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from authflow_client import AsyncClient, SessionUser, User
from authflow_client.fastapi import Sessions, install_error_handlers
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

authflow = AsyncClient()
sessions = Sessions(authflow)


class Credentials(BaseModel):
    email: str
    password: str


class Registration(Credentials):
    fullname: str


class Forgotten(BaseModel):
    email: str


class NewPassword(BaseModel):
    token: str
    password: str


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
async def login(credentials: Credentials) -> dict[str, Any]:
    session = await authflow.login(credentials.email, credentials.password)
    return {"token": session.token, **session.to_dict()}


# The answer is the same for everybody: nobody learns who has an account. The mail's link leads to your page, or the
# server's own.
@app.post("/forgot-password", status_code=204)
async def forgot_password(forgotten: Forgotten) -> None:
    await authflow.forgot_password(forgotten.email)


@app.post("/reset-password", status_code=204)
async def reset_password(new: NewPassword) -> None:
    await authflow.reset_password(new.token, new.password)


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
