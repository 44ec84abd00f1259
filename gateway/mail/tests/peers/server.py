"""A mail server (aiosmtpd) for one test, and a judge of what it got (Python's own reader of messages).

The argument is JSON; stdout has the port, then one line of JSON for each letter."""

import asyncio
import email
import email.policy
import hashlib
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

options = json.loads(sys.argv[1])


def tell(what):
    print(json.dumps(what), flush=True)


def judged(envelope):
    if envelope.content.isascii():
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    else:
        # The reader of bytes does not know headers in UTF-8 (RFC 6532).
        message = email.message_from_string(envelope.content.decode("utf-8"), policy=email.policy.SMTPUTF8)
    parts = []
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_content()
        parts.append({
            "type": part.get_content_type(),
            "disposition": part.get_content_disposition(),
            "name": part.get_filename(),
            "language": part["Content-Language"],
            "text": content if isinstance(content, str) else None,
            "sha256": None if isinstance(content, str) else hashlib.sha256(content).hexdigest(),
            "defects": [str(defect) for defect in part.defects],
        })
    (sender,) = message["From"].addresses
    (to,) = message["To"].addresses
    return {
        "mail_from": envelope.mail_from,
        "rcpt_tos": envelope.rcpt_tos,
        "mail_options": envelope.mail_options,
        "headers": [name for name, _ in message.items()],
        "from": [sender.display_name, sender.addr_spec],
        "to": [to.display_name, to.addr_spec],
        "subject": message["Subject"],
        "message_id": message["Message-ID"],
        "auto_submitted": message["Auto-Submitted"],
        "date": message["Date"].datetime.timestamp(),
        "parts": parts,
        "defects": [str(d) for name in message.keys() for d in message[name].defects] + [str(d) for d in message.defects],
        "ascii": envelope.content.isascii(),
        "size": len(envelope.content),
        "raw_head": envelope.content.split(b"\r\n\r\n")[0].decode("utf-8"),
    }


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if "mail" in options:
            return options["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if "rcpt" in options:
            return options["rcpt"].replace("ADDRESS", address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        tell(judged(envelope))
        match options.get("then"):
            case "close":
                server.transport.abort()
            case "silence":
                await asyncio.Event().wait()
        return options.get("data", "250 2.0.0 OK: queued for " + envelope.rcpt_tos[0])


def authenticate(server, session, envelope, mechanism, data):
    if [mechanism, data.login.decode(), data.password.decode()] == [options.get("mechanism", mechanism), *options["login"]]:
        return AuthResult(success=True)
    return AuthResult(success=False, handled=False)


def context():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options["certificate"], options["key"])
    return tls


def protocol():
    given = {"hostname": "mail.example", "enable_SMTPUTF8": options.get("utf8", False), "data_size_limit": options.get("size", 33554432)}
    if options.get("security") == "starttls":
        given |= {"tls_context": context(), "require_starttls": True}
    if "login" in options:
        excluded = {"PLAIN", "LOGIN"} - {options.get("mechanism", "PLAIN")}
        given |= {"authenticator": authenticate, "auth_required": True, "auth_exclude_mechanism": excluded}
        # Its own rule asks for STARTTLS, which there is not where all is encrypted, or where it is on this machine.
        given["auth_require_tls"] = options.get("security") == "starttls"
    return SMTP(Handler(), **given)


async def main():
    loop = asyncio.get_running_loop()
    tls = context() if options.get("security") == "tls" else None
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    tell(server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
