"""Signs a file so many times with a key of a PKCS#11 token, as pyHanko does it: MODULE TOKEN PIN-FILE KEY FILE COUNT.

The certificate has the key's label. Nothing is kept: what is measured is the time that it takes.
"""

import io
import sys

from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

module, token, pin_file, key, file, count = sys.argv[1:]
pdf = open(file, "rb").read()
pin = open(pin_file).read().strip()
session = open_pkcs11_session(module, token_criteria=TokenCriteria(label=token), user_pin=pin)
signer = PKCS11Signer(session, cert_label=key, key_label=key, prefer_pss=True)
if signer.signing_cert.public_key.algorithm == "ec":
    # SoftHSM has no mechanism that hashes and signs with such a key; for PSS, pyHanko has no other.
    signer = PKCS11Signer(session, cert_label=key, key_label=key, use_raw_mechanism=True)
metadata = signers.PdfSignatureMetadata(
    field_name="Officer",
    md_algorithm="sha256",
    subfilter=fields.SigSeedSubFilter.PADES,
)
signed = b""
for _ in range(int(count)):
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    signed = signers.PdfSigner(metadata, signer).sign_pdf(writer).getvalue()
session.close()
if int(count) and (len(signed) <= len(pdf) or b"ETSI.CAdES.detached" not in signed):
    sys.exit("it is not signed")
