"""Asks pyHanko about signatures. Lines on stdin: a question and a file; lines on stdout: the same, a field, the answer, details.

Questions: `online` (validation now, what is revoked is fetched), `offline` (as of the signature's time stamp, with the file's
validation data alone), `timed` (ETSI EN 319 102-1, section 5.5, signatures with time, with fetching), `ades` (section 5.6, with
archive time stamps, which is what `pyhanko sign adesverify` does)."""

import asyncio
import datetime
import logging
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.ades import ades_lta_validation, ades_with_time_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager

logging.disable(logging.CRITICAL)
root, issuing = (load_cert_from_pemder(name) for name in sys.argv[1:3])


def is_stamp(signature):
    return signature.sig_object.get("/Type") == "/DocTimeStamp"


def told(status):
    level = status.modification_level
    parts = [
        "" if status.intact and status.valid else "not intact",
        "" if status.trusted else "untrusted",
        level.name if level else "no level",
        status.coverage.name,
    ]
    return status, " ".join(part for part in parts if part)


async def online(signature, reader):
    context = ValidationContext(
        trust_roots=[root],
        allow_fetching=True,
        revocation_mode="hard-fail",
        retroactive_revinfo=True,
        other_certs=[issuing],
    )
    if is_stamp(signature):
        status, details = told(await async_validate_pdf_timestamp(signature, context))
        # It has no answer for a time stamp that takes what came behind it with it.
        return status.intact and status.valid and status.trusted and "OTHER" not in details, details
    status, details = told(await async_validate_pdf_signature(signature, context))
    return status.bottom_line, details


async def offline(signature, reader):
    if is_stamp(signature):
        return None
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except Exception:
        return False, "no validation data"
    stamp = next(
        (
            attribute["values"][0]["content"]
            for attribute in signature.signer_info["unsigned_attrs"]
            if attribute["type"].native == "signature_time_stamp_token"
        ),
        None,
    )
    moment = datetime.datetime.now(datetime.timezone.utc)
    if stamp is not None:
        moment = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    arguments = {
        "trust_roots": [root],
        "retroactive_revinfo": True,
        "allow_fetching": False,
        "revocation_mode": "require",
        "moment": moment,
    }
    contexts = [store.as_validation_context(dict(arguments)) for _ in range(2)]
    status, details = told(await async_validate_pdf_signature(signature, *contexts))
    return status.bottom_line, details


def specification():
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([root]),
        revinfo_policy=CertRevTrustPolicy(
            REQUIRE_REVINFO, freshness=None, freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION
        ),
    )
    gathering = RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.ALWAYS_FETCH)
    return SignatureValidationSpec(policy, gathering, local_knowledge=LocalKnowledge(known_certs=[issuing]))


def passed(result):
    return "Passed" in str(result.ades_subindic), result.ades_subindic


async def timed(signature, reader):
    if is_stamp(signature):
        return None
    digest = signature.compute_digest()
    return passed(await ades_with_time_validation(signature.signed_data, specification(), raw_digest=digest))


async def ades(signature, reader):
    if is_stamp(signature):
        return None
    return passed(await ades_lta_validation(signature, PdfSignatureValidationSpec(specification())))


async def answers(question, name):
    ask = {"online": online, "offline": offline, "timed": timed, "ades": ades}[question]
    with open(name, "rb") as file:
        try:
            reader = PdfFileReader(file)
            signatures = list(reader.embedded_signatures)
        except Exception as error:
            yield "", False, f"{type(error).__name__} {error}"
            return
        for signature in signatures:
            try:
                answer = await ask(signature, reader)
            except Exception as error:
                answer = False, f"{type(error).__name__} {error}"
            if answer is not None:
                yield signature.field_name, *answer


async def main():
    for line in sys.stdin:
        question, name = line.rstrip("\n").split("\t")
        async for field, is_valid, details in answers(question, name):
            details = " ".join(str(details).split())
            print(question, name, field, "valid" if is_valid else "not", details, sep="\t", flush=True)


asyncio.run(main())
