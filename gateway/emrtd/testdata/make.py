#!/usr/bin/env python3
"""Makes the files beside it anew, with OpenSSL: signing authorities, document signers, and what they sign for a chip of
nobody. Run it in its own folder; the tests look at the files as they are on the first of January 2030."""
import hashlib
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ZONE = b"I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
CONFIG = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[signer]
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
[ca]
default_ca = default
[default]
database = index.txt
serial = serial
new_certs_dir = .
policy = any
default_md = sha256
unique_subject = no
crlnumber = crlnumber
[any]
countryName = optional
commonName = supplied
"""


def openssl(*words, **more):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, **more).stdout


def tlv(tag, value):
    length = len(value)
    size = bytes([length]) if length < 0x80 else bytes([0x80 + (length.bit_length() + 7) // 8]) + length.to_bytes(
        (length.bit_length() + 7) // 8, "big")
    return bytes.fromhex(tag) + size + value


def keep(name, content):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(content)


def key(name, *how):
    openssl("genpkey", *how, "-out", name + ".key")


def authority(name, digest):
    openssl("req", "-new", "-config", "config", "-key", name + ".key", "-subj", "/C=UT/CN=CSCA " + name, "-out", name + ".csr")
    issue(name, name, "authority", digest, self_signed=True)


def issue(name, by, kind, digest, self_signed=False):
    how = ["-selfsign", "-keyfile", by + ".key"] if self_signed else ["-cert", by + ".crt", "-keyfile", by + ".key"]
    pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if by == "pss" else []
    openssl("ca", "-batch", "-config", "config", "-extensions", kind, "-md", digest, "-notext", "-rand_serial", *how, *pss,
            "-startdate", "20200101000000Z", "-enddate", "20400101000000Z", "-in", name + ".csr", "-out", name + ".crt")


def signer(name, by, digest):
    openssl("req", "-new", "-config", "config", "-key", name + ".key", "-subj", "/C=UT/CN=DS " + name, "-out", name + ".csr")
    issue(name, by, "signer", digest)


def security_object(name, groups, hash_name, hash_oid, *how):
    entries = b"".join(tlv("30", tlv("02", bytes([number])) + tlv("04", hashlib.new(hash_name, file).digest()))
                       for number, file in groups.items())
    algorithm = tlv("30", tlv("06", bytes.fromhex(hash_oid)) + tlv("05", b""))
    content = tlv("30", tlv("02", b"\0") + algorithm + tlv("30", entries))
    with open("content", "wb") as file:
        file.write(content)
    message = openssl("cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-econtent_type", "2.23.136.1.1.1", "-md", hash_name,
                      "-in", "content", "-signer", name + ".crt", "-inkey", name + ".key", "-outform", "DER", *how)
    keep(name + ".sod", tlv("77", message))


def main():
    group_1 = tlv("61", tlv("5F1F", ZONE))
    group_2 = tlv("75", tlv("7F61", tlv("02", b"\1")))
    keep("dg1.bin", group_1)
    keep("dg2.bin", group_2)
    groups = {1: group_1, 2: group_2}
    with open("config", "w") as file:
        file.write(CONFIG)
    open("index.txt", "w").close()
    with open("crlnumber", "w") as file:
        file.write("01\n")

    brainpool = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1"]
    # Written out, as many states do.
    key("ec", *brainpool, "-pkeyopt", "ec_param_enc:explicit")
    authority("ec", "sha256")
    for name, how, digest, oid in [
        ("ec-ds", brainpool + ["-pkeyopt", "ec_param_enc:explicit"], "sha256", "608648016503040201"),
        ("p384-ds", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "sha384", "608648016503040202"),
        ("revoked-ds", brainpool, "sha256", "608648016503040201"),
    ]:
        key(name, *how)
        signer(name, "ec", "sha256")
        security_object(name, groups, digest, oid)
    rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    key("pss", *rsa)
    authority("pss", "sha256")
    for name, digest, oid, how in [
        ("pss-ds", "sha256", "608648016503040201", ["-keyopt", "rsa_padding_mode:pss"]),
        ("rsa-ds", "sha1", "2B0E03021A", ["-keyid"]),
    ]:
        key(name, *rsa)
        signer(name, "pss", "sha256")
        security_object(name, groups, digest, oid, *how)
    openssl("ca", "-config", "config", "-cert", "ec.crt", "-keyfile", "ec.key", "-revoke", "revoked-ds.crt")
    openssl("ca", "-config", "config", "-cert", "ec.crt", "-keyfile", "ec.key", "-gencrl", "-crl_lastupdate", "20200101000000Z",
            "-crl_nextupdate", "20400101000000Z", "-out", "crl.pem")
    keep("ec.crl", openssl("crl", "-in", "crl.pem", "-outform", "DER"))
    # A list that is out of date, of another authority, and an authority whose key others may have by now.
    key("old", *brainpool)
    authority("old", "sha256")
    key("old-ds", *brainpool)
    signer("old-ds", "old", "sha256")
    security_object("old-ds", groups, "sha256", "608648016503040201")
    with open("index.txt", "w"):
        pass
    openssl("ca", "-config", "config", "-cert", "old.crt", "-keyfile", "old.key", "-gencrl", "-crl_lastupdate", "20200101000000Z",
            "-crl_nextupdate", "20250101000000Z", "-out", "crl.pem")
    keep("old.crl", openssl("crl", "-in", "crl.pem", "-outform", "DER"))
    key("weak", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
    authority("weak", "sha256")
    for name in ["ec", "pss", "ec-ds", "old", "weak"]:
        keep(name + ".crt", openssl("x509", "-in", name + ".crt", "-outform", "DER"))

    # Active authentication: what a chip would answer to this number.
    number = bytes(range(8))
    key("aa-ec", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    keep("aa-ec.dg15", tlv("6F", openssl("pkey", "-in", "aa-ec.key", "-pubout", "-outform", "DER")))
    signature = openssl("dgst", "-sha256", "-sign", "aa-ec.key", input=number)
    keep("aa-ec.sig", signature)
    key("aa-rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
    keep("aa-rsa.dg15", tlv("6F", openssl("pkey", "-in", "aa-rsa.key", "-pubout", "-outform", "DER")))
    for name, digest, trailer in [("aa-rsa-sha1", "sha1", "BC"), ("aa-rsa-sha256", "sha256", "34CC")]:
        trailer = bytes.fromhex(trailer)
        length = 128 - 1 - len(trailer) - hashlib.new(digest).digest_size
        part = bytes(at % 256 for at in range(length))
        message = b"\x6A" + part + hashlib.new(digest, part + number).digest() + trailer
        # The operation with the private key, without padding, is the same as that of decrypting.
        keep(name + ".sig", openssl("pkeyutl", "-decrypt", "-inkey", "aa-rsa.key", "-pkeyopt", "rsa_padding_mode:none", input=message))


    # A portrait that is no person's: shades, as JPEG 2000 (Debian: libopenjp2-tools).
    pixels = bytes(value for y in range(40) for x in range(30) for value in (8 * x, 6 * y, 255 - 6 * y))
    with open("portrait.ppm", "wb") as out:
        out.write(b"P6\n30 40\n255\n" + pixels)
    for name in ["portrait.jp2", "portrait.j2k"]:
        subprocess.run(["opj_compress", "-i", "portrait.ppm", "-o", name, "-r", "4", "-n", "3"], check=True, stdout=subprocess.DEVNULL)
        keep(name, open(name, "rb").read())


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    main()
