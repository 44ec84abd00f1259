/* A libsane (SANE Standard 1.06, chapter 4) with one scanner whose backend does what it should not. What that is stands in
   its configuration, `SANE_CONFIG_DIR/bad.conf`, as one word:

     good      pages of 1000 x 1000 grey pixels, one from the glass
     hung      the beginning of a page; then neither sane_read nor sane_cancel comes back
     negative  sane_read says that it has read -1 bytes
     beyond    sane_read says that it has read more than there is room for
     long      more bytes than sane_get_parameters has told
     endless   a page of unknown height that never ends
     nothing   a page of which no byte ever comes, without an error
     pages     a feeder that is never empty, with pages of one line
     absurd    sane_get_parameters tells of lines of 2^31 - 1 pixels
     crash     the process ends in the middle of a page
     patient   a page that goes on until the scanner is unplugged
     locked    a thread of the backend holds the dynamic linker's lock for ever, as one does that is cancelled there: from
               then on no thread can be started in the process

   A device name that ends in `libusb:BBB:DDD` means the USB device with that node: it can only be opened while the node is
   there, and sane_read says SANE_STATUS_IO_ERROR when it is gone. */

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GOOD = 0, INVAL = 4, END = 5, IO_ERROR = 9 };
enum { LINE = 1000, PAGE = 1000 * LINE };

typedef struct { const char *name, *vendor, *model, *type; } device;
typedef struct { int format, last_frame, bytes_per_line, pixels_per_line, lines, depth; } parameters;

static const device glass = { "bad:0", "Nobody", "Bad", "flatbed scanner" };
static const device feeder = { "bad:0", "Nobody", "Bad", "sheetfed scanner" };
static const device *devices[] = { &glass, NULL };
static char mode[32], node[64];
static int sent;

static int is(const char *word) { return strcmp(mode, word) == 0; }

static void never(void)
{
    for (;;)
        pause();
}

/* A library whose loading does not end: `never.so`, which says so on the pipe whose end NEVER_FD names. */
static void *load_for_ever(void *unused)
{
    (void)unused;
    dlopen("never.so", RTLD_NOW);
    return NULL;
}

static int lock_linker(void)
{
    pthread_t thread;
    char text[16];
    int ends[2];
    if (pipe(ends) != 0)
        return INVAL;
    snprintf(text, sizeof text, "%d", ends[1]);
    setenv("NEVER_FD", text, 1);
    pthread_create(&thread, NULL, load_for_ever, NULL);
    return read(ends[0], text, 1) == 1 ? GOOD : INVAL;
}

static int is_gone(void) { return node[0] && access(node, F_OK) != 0; }

int sane_init(int *version, void *authorize)
{
    char path[4096];
    FILE *conf;
    (void)authorize;
    snprintf(path, sizeof path, "%s/bad.conf", getenv("SANE_CONFIG_DIR"));
    conf = fopen(path, "r");
    if (!conf || fscanf(conf, "%31s", mode) != 1)
        return INVAL;
    fclose(conf);
    if (is("pages"))
        devices[0] = &feeder;
    if (version)
        *version = 1 << 24;
    return GOOD;
}

void sane_exit(void)
{
    if (is("hung"))
        never();
}

int sane_get_devices(const device ***list, int local)
{
    (void)local;
    *list = devices;
    return GOOD;
}

int sane_open(const char *name, void **handle)
{
    unsigned bus, number;
    const char *usb = strstr(name, "libusb:");
    if (usb && sscanf(usb, "libusb:%u:%u", &bus, &number) == 2)
        snprintf(node, sizeof node, "/dev/bus/usb/%03u/%03u", bus, number);
    *handle = (void *)&glass;
    return is_gone() ? INVAL : GOOD;
}

void sane_close(void *handle)
{
    (void)handle;
    if (is("hung"))
        never();
}

const void *sane_get_option_descriptor(void *handle, int option)
{
    (void)handle;
    (void)option;
    return NULL;
}

int sane_control_option(void *handle, int option, int action, void *value, int *info)
{
    (void)handle;
    (void)option;
    (void)action;
    (void)value;
    (void)info;
    return INVAL;
}

int sane_get_parameters(void *handle, parameters *page)
{
    (void)handle;
    *page = (parameters){ 0, 1, LINE, LINE, PAGE / LINE, 8 };
    if (is("endless"))
        page->lines = -1;
    if (is("pages"))
        page->lines = 1;
    if (is("patient"))
        page->lines = 65535;
    if (is("absurd"))
        page->pixels_per_line = page->bytes_per_line = 0x7fffffff;
    return GOOD;
}

int sane_start(void *handle)
{
    (void)handle;
    sent = 0;
    if (is("locked"))
        return lock_linker();
    return is_gone() ? IO_ERROR : GOOD;
}

int sane_read(void *handle, unsigned char *data, int max, int *length)
{
    int page = is("pages") ? LINE : PAGE, left = page - sent;
    (void)handle;
    *length = 0;
    if (is_gone())
        return IO_ERROR;
    if (is("nothing"))
        return GOOD;
    if (is("patient")) {
        usleep(10000);
        left = LINE;
    } else if (is("endless") || is("long")) {
        left = max;
    } else if (is("hung") && left < PAGE / 10) {
        never();
    } else if (is("crash") && left < PAGE / 2) {
        abort();
    }
    if (left == 0)
        return END;
    if (max > left)
        max = left;
    memset(data, 200, max);
    sent += *length = max;
    if (is("negative"))
        *length = -1;
    if (is("beyond"))
        *length = 0x7fffffff;
    return GOOD;
}

void sane_cancel(void *handle)
{
    (void)handle;
    if (is("hung"))
        never();
}
