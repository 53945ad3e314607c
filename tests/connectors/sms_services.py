"""Aliyun's and Tencent's text message services as they speak over HTTP, with a temper: they check signatures, know only
the templates that were registered, and then do what their mode says. Written from the services' own descriptions of
their signatures (ACS3-HMAC-SHA256, TC3-HMAC-SHA256), not from their libraries."""

import hashlib
import hmac
import json
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

SECRET = "invented-secret"
SILENCE = 0.6


def _hash(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def _mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256)


@dataclass
class SmsService:
    """Modes: ok, slow (takes nothing), silent (takes, and answers too late), hang_up, broken (500), garbage, and any of
    the service's own error codes. `fates` says what became of a message, by its number here."""

    mode: str = "ok"
    templates: dict = field(default_factory=dict)
    taken: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    fates: dict = field(default_factory=dict)
    url: str = ""

    def take(self, phone, text, reference):
        self.taken.append({"id": f"{len(self.taken) + 1}00^0", "phone": phone, "text": text, "reference": reference})
        return self.taken[-1]["id"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: SmsService

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        action = self.headers.get("x-acs-action") or self.headers.get("X-TC-Action") or ""
        self.service.calls.append(action)
        if not self.signed(body):
            return self.say(*self.error(self.unsigned, "signature"))
        mode = self.service.mode if action == "SendSms" else "ok"
        if mode == "hang_up":
            self.close_connection = True
            return self.connection.close()
        if mode == "slow":
            time.sleep(SILENCE)
            return None
        if mode == "broken":
            return self.say(503, self.error("ServiceUnavailable", "busy")[1])
        if mode == "garbage":
            return self.say(200, b"<html>")
        answer = self.answer(action, body, "" if mode in {"ok", "silent"} else mode)
        if mode == "silent":
            time.sleep(SILENCE)
        return self.say(*answer)

    def say(self, code, data):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        with suppress(OSError):
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


class AliyunHandler(_Handler):
    unsigned = "SignatureDoesNotMatch"

    def signed(self, body):
        match = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=(\w+),SignedHeaders=([\w;-]+),Signature=(\w+)", self.headers["Authorization"]
        )
        if match is None or match[1] != "town":
            return False
        parts = urlsplit(self.path)
        pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in parse_qsl(parts.query, True))
        headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in match[2].split(";"))
        request = "\n".join(
            ("POST", parts.path, "&".join(f"{k}={v}" for k, v in pairs), headers, match[2], _hash(body))
        )
        expected = _mac(SECRET.encode(), f"ACS3-HMAC-SHA256\n{_hash(request)}").hexdigest()
        at = datetime.fromisoformat(self.headers["x-acs-date"])
        return expected == match[3] and abs((datetime.now(UTC) - at).total_seconds()) < 900

    def error(self, code, message):
        return 400, {"Code": code, "Message": message, "RequestId": "R"}

    def answer(self, action, body, fault):
        given = dict(parse_qsl(urlsplit(self.path).query, True))
        if action == "QuerySendDetails":
            return 200, self.details(given)
        if fault:
            return 200, {"Code": fault, "Message": "no", "RequestId": "R"}
        text = self.service.templates.get(given["TemplateCode"])
        values = json.loads(given["TemplateParam"])
        if text is None or set(re.findall(r"\$\{(\w+)\}", text)) != set(values):
            return 200, {"Code": "isv.SMS_TEMPLATE_ILLEGAL", "Message": "no such template", "RequestId": "R"}
        text = f"【{given['SignName']}】" + re.sub(r"\$\{(\w+)\}", lambda m: values[m[1]], text)
        number = self.service.take(given["PhoneNumbers"], text, given["OutId"])
        return 200, {"Code": "OK", "Message": "OK", "BizId": number, "RequestId": "R"}

    def details(self, given):
        rows = [
            {
                "PhoneNum": one["phone"],
                "OutId": one["reference"],
                "Content": one["text"],
                "SendDate": "2024-07-01 10:00:01",
                **self.service.fates.get(one["id"], {"SendStatus": 1}),
            }
            for one in self.service.taken
            if one["phone"] == given["PhoneNumber"] and re.fullmatch(r"\d{8}", given["SendDate"])
        ]
        return {
            "Code": "OK",
            "Message": "OK",
            "RequestId": "R",
            "TotalCount": len(rows),
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows},
        }


class TencentHandler(_Handler):
    unsigned = "AuthFailure.SignatureFailure"

    def signed(self, body):
        match = re.fullmatch(
            r"TC3-HMAC-SHA256 Credential=town/([\d-]+)/sms/tc3_request, SignedHeaders=content-type;host, Signature=(\w+)",
            self.headers["Authorization"],
        )
        if match is None:
            return False
        headers = f"content-type:{self.headers['Content-Type']}\nhost:{self.headers['Host']}\n"
        request = "\n".join(("POST", "/", "", headers, "content-type;host", _hash(body)))
        at = self.headers["X-TC-Timestamp"]
        text = "\n".join(("TC3-HMAC-SHA256", at, f"{match[1]}/sms/tc3_request", _hash(request)))
        key = f"TC3{SECRET}".encode()
        for word in (match[1], "sms", "tc3_request"):
            key = _mac(key, word).digest()
        return _mac(key, text).hexdigest() == match[2] and abs(time.time() - int(at)) < 300

    def error(self, code, message):
        return 200, {"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "R"}}

    def answer(self, action, body, fault):
        given = json.loads(body)
        if action == "PullSmsSendStatusByPhoneNumber":
            return 200, {"Response": {"PullSmsSendStatusSet": self.details(given), "RequestId": "R"}}
        status = {"SerialNo": "", "PhoneNumber": given["PhoneNumberSet"][0], "Fee": 0, "IsoCode": "CN"}
        text = self.service.templates.get(given["TemplateId"])
        values = given["TemplateParamSet"]
        if fault:
            status |= {"Code": fault, "Message": "no"}
        elif text is None or text.count("{") != len(values) or given["SmsSdkAppId"] != "1400006666":
            status |= {"Code": "FailedOperation.TemplateIncorrectOrUnapproved", "Message": "no such template"}
        else:
            text = f"【{given['SignName']}】" + re.sub(r"\{(\d+)\}", lambda m: values[int(m[1]) - 1], text)
            number = self.service.take(status["PhoneNumber"], text, given["SessionContext"])
            status |= {"SerialNo": number, "Code": "Ok", "Message": "send success", "Fee": 1}
        return 200, {"Response": {"SendStatusSet": [status], "RequestId": "R"}}

    def details(self, given):
        return [
            {"PhoneNumber": one["phone"], "SerialNo": one["id"], **self.service.fates[one["id"]]}
            for one in self.service.taken
            if one["phone"] == given["PhoneNumber"] and one["id"] in self.service.fates
            if given["BeginTime"] < given["EndTime"]
        ]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A caller that hangs up is no error of the fake's."""


def served(handler):
    """Serve one service until the generator is closed."""
    service = SmsService()
    server = _Quiet(("127.0.0.1", 0), type("Handler", (handler,), {"service": service}))
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    server.shutdown()
    thread.join()
    server.server_close()
