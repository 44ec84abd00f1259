/* A terminal on OpenPACE (libeac): PACE as EF.CardAccess says, then secure messaging, then whole files. It gives commands on
   stdout and takes responses on stdin, one a line, as hexadecimal digits.

     openpace_terminal can|mrz SECRET ID...

   SECRET is the card access number, or all lines of the machine readable zone; an ID has four hexadecimal digits. Each file's
   content comes as a line `= CONTENT`; what goes wrong as one line `! REASON`, which is the last. */

#include "openpace.h"
#include <openssl/objects.h>

static EAC_CTX *eac;
static unsigned char answer[LONGEST];
static size_t answered;

static void fail(const char *what, unsigned status)
{
    printf("! %s: %04X\n", what, status);
    exit(0);
}

/* Sends bytes; what comes back is in `answer`, without its status. */
static unsigned transmit(const unsigned char *command, size_t length)
{
    static char line[2 * LONGEST];
    BUF_MEM *response;
    size_t at;
    for (at = 0; at < length; at++)
        printf("%02X", command[at]);
    printf("\n");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin))
        exit(5);
    response = from_hex(line);
    if (response->length < 2)
        exit(6);
    answered = response->length - 2;
    memcpy(answer, response->data, answered);
    at = (unsigned char)response->data[answered] << 8 | (unsigned char)response->data[answered + 1];
    BUF_MEM_free(response);
    return at;
}

/* A short command; `expected` is Le, or less than zero for none. */
static unsigned send_plain(const char *head, const void *data, size_t length, int expected)
{
    unsigned char command[5 + 255 + 1];
    size_t at = 4;
    memcpy(command, head, 4);
    if (length) {
        command[at++] = length;
        memcpy(command + at, data, length);
        at += length;
    }
    if (expected >= 0)
        command[at++] = expected;
    return transmit(command, at);
}

/* A step of PACE: an object of ours, and the value of the one that answers it. */
static BUF_MEM *step(unsigned tag, const BUF_MEM *own, unsigned wanted, int last)
{
    unsigned char object[255], data[255];
    size_t length = own ? put(object, tag, own->data, own->length) : 0, size;
    const unsigned char *value;
    unsigned status;
    length = put(data, 0x7c, object, length);
    status = send_plain(last ? "\x00\x86\x00\x00" : "\x10\x86\x00\x00", data, length, 0);
    if (status != 0x9000)
        fail("a step of PACE", status);
    if (!(value = get(answer, answered, 0x7c, &size)) || !(value = get(value, size, wanted, &size)))
        fail("an answer of PACE", wanted);
    return buffer(value, size);
}

static void run_pace(const PACE_SEC *secret, int kind)
{
    const ASN1_OBJECT *protocol = OBJ_nid2obj(eac->pace_ctx->protocol);
    unsigned char choice[64];
    size_t length = put(choice, 0x80, OBJ_get0_data(protocol), OBJ_length(protocol));
    BUF_MEM *theirs, *own;
    unsigned status;
    length += put(choice + length, 0x83, kind == PACE_CAN ? "\x02" : "\x01", 1);
    if ((status = send_plain("\x00\x22\xc1\xa4", choice, length, -1)) != 0x9000)
        fail("the beginning of PACE", status);
    if (!PACE_STEP2_dec_nonce(eac, secret, step(0, NULL, 0x80, 0)))
        fail("the nonce of PACE", 0);
    own = PACE_STEP3A_generate_mapping_data(eac);
    if (!own || !PACE_STEP3A_map_generator(eac, step(0x81, own, 0x82, 0)))
        fail("the mapping of PACE", 0);
    if (!(own = PACE_STEP3B_generate_ephemeral_key(eac)))
        fail("a key of PACE", 0);
    theirs = step(0x83, own, 0x84, 0);
    if (!PACE_STEP3B_compute_shared_secret(eac, theirs) || !PACE_STEP3C_derive_keys(eac))
        fail("the keys of PACE", 0);
    own = PACE_STEP3D_compute_authentication_token(eac, theirs);
    if (!own || PACE_STEP3D_verify_authentication_token(eac, step(0x85, own, 0x86, 1)) != 1)
        fail("the chip's token", 0);
    if (!EAC_CTX_set_encryption_ctx(eac, EAC_ID_PACE))
        fail("secure messaging", 0);
}

/* A protected command; the data of its response are in `answer`. */
static unsigned send_secure(const char *plain_head, const void *data, size_t length, int expected)
{
    unsigned char head[4], objects[255], authenticated[512], status[2];
    const unsigned char *code, *sealed, *inside;
    size_t at = 0, size, block, code_size;
    unsigned char le = expected;
    unsigned outside;
    BUF_MEM *made;
    memcpy(head, plain_head, 4);
    head[0] |= 0x0c;
    if (!EAC_increment_ssc(eac))
        fail("the counter", 0);
    if (length) {
        unsigned char value[255] = {1};
        made = EAC_encrypt(eac, EAC_add_iso_pad(eac, buffer(data, length)));
        memcpy(value + 1, made->data, made->length);
        at = put(objects, 0x87, value, made->length + 1);
    }
    if (expected >= 0)
        at += put(objects + at, 0x97, &le, 1);
    made = EAC_add_iso_pad(eac, buffer(head, 4));
    block = made->length;
    memcpy(authenticated, made->data, block);
    if (at) {
        made = EAC_add_iso_pad(eac, buffer(objects, at));
        memcpy(authenticated + block, made->data, made->length);
        block += made->length;
    }
    made = EAC_authenticate(eac, buffer(authenticated, block));
    at += put(objects + at, 0x8e, made->data, made->length);
    outside = send_plain((char *)head, objects, at, 0);
    if (!EAC_increment_ssc(eac) || !(code = get(answer, answered, 0x8e, &code_size)))
        fail("a response without protection", outside);
    made = EAC_add_iso_pad(eac, buffer(answer, (size_t)(code - 2 - answer)));
    if (EAC_verify_authentication(eac, made, buffer(code, code_size)) != 1)
        fail("the code of a response", outside);
    if (!(inside = get(answer, answered, 0x99, &size)) || size != 2)
        fail("the status of a response", outside);
    memcpy(status, inside, 2);
    if ((sealed = get(answer, answered, 0x87, &size))) {
        made = EAC_remove_iso_pad(EAC_decrypt(eac, buffer(sealed + 1, size - 1)));
        memcpy(answer, made->data, made->length);
        answered = made->length;
    } else {
        answered = 0;
    }
    return status[0] << 8 | status[1];
}

static void read_file(unsigned id)
{
    static unsigned char content[LONGEST];
    unsigned char name[2] = {id >> 8, id};
    size_t length = 0, whole = 4, at;
    unsigned status = send_secure("\x00\xa4\x02\x0c", name, 2, -1);
    if (status != 0x9000)
        fail("SELECT of a file", status);
    while (length < whole) {
        char head[4] = {0, (char)0xb0, (char)(length >> 8), (char)length};
        size_t wanted = whole - length > 0xc0 ? 0xc0 : whole - length;
        if ((status = send_secure(head, NULL, 0, wanted)) != 0x9000 || answered != wanted)
            fail("READ BINARY", status);
        memcpy(content + length, answer, answered);
        if (!length) {
            whole = content[1] < 0x80 ? content[1] + 2u : content[1] == 0x81 ? content[2] + 3u : (content[2] << 8 | content[3]) + 4u;
        }
        length += answered;
    }
    printf("= ");
    for (at = 0; at < whole; at++)
        printf("%02X", content[at]);
    printf("\n");
    fflush(stdout);
}

int main(int count, char **words)
{
    PACE_SEC *secret;
    int at, kind;
    unsigned status;
    if (count < 3)
        return 2;
    kind = strcmp(words[1], "can") ? PACE_MRZ : PACE_CAN;
    EAC_init();
    eac = EAC_CTX_new();
    secret = PACE_SEC_new(words[2], strlen(words[2]), kind);
    if (!eac || !secret)
        return 4;
    if ((status = send_plain("\x00\xa4\x02\x0c", "\x01\x1c", 2, -1)) != 0x9000)
        fail("SELECT of EF.CardAccess", status);
    if ((status = send_plain("\x00\xb0\x00\x00", NULL, 0, 0)) != 0x9000)
        fail("READ BINARY of EF.CardAccess", status);
    if (!EAC_CTX_init_ef_cardaccess(answer, answered, eac))
        fail("EF.CardAccess", 0);
    eac->tr_version = EAC_TR_VERSION_2_02;
    run_pace(secret, kind);
    if ((status = send_secure("\x00\xa4\x04\x0c", "\xa0\x00\x00\x02\x47\x10\x01", 7, -1)) != 0x9000)
        fail("SELECT of the application", status);
    for (at = 3; at < count; at++)
        read_file(strtoul(words[at], NULL, 16));
    return 0;
}
