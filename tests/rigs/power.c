/* What a disk would still hold after a power cut: preloaded into a database, it keeps of every file of one folder the
 * bytes that were there when the file was last synced.
 *
 * POWER_FOLDER is the folder, POWER_KEPT the one that takes the copies. A sync copies the file; nothing else does, so
 * whatever was written and not synced is missing there. Names (unlink, rename) are kept at once. All of it happens
 * under one lock, so that an older copy never replaces a newer one. Nothing is really synced: it would only take time.
 *
 * Whoever finds the file POWER_KEPT.die when it is to sync takes it away and dies: all is written, nothing is synced.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The place of a path of the folder among the copies; 0 for what lies elsewhere. */
static int kept_path(const char *path, char *kept) {
    const char *folder = getenv("POWER_FOLDER"), *copies = getenv("POWER_KEPT");
    char whole[PATH_MAX];
    if (!folder || !copies || !path) return 0;
    if (path[0] != '/') { /* PostgreSQL names its files from within its folder */
        char here[PATH_MAX / 2];
        if (!getcwd(here, sizeof here)) return 0;
        snprintf(whole, sizeof whole, "%s/%s", here, path);
        path = whole;
    }
    size_t length = strlen(folder);
    if (strncmp(path, folder, length) || path[length] != '/') return 0;
    return snprintf(kept, PATH_MAX, "%s%s", copies, path + length) < PATH_MAX;
}

static int lock(void) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s.lock", getenv("POWER_KEPT"));
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    while (file >= 0 && flock(file, LOCK_EX) && errno == EINTR) { }
    return file;
}

static void make_folders(char *path) {
    for (char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
        *end = 0;
        mkdir(path, 0777);
        *end = '/';
    }
}

static int copy(const char *from, const char *to) {
    static __thread char bytes[1 << 16];
    int in = open(from, O_RDONLY | O_CLOEXEC), out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ssize_t got = -1;
    while (out >= 0 && (got = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, got) != got) { got = -1; break; }
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    return got;
}

/* The file is synced: what it holds now is kept. Without a copy the sync has failed, and says so. */
static int sync_file(int file) {
    int before = errno, failed = 0;
    char link[64], path[PATH_MAX], kept[PATH_MAX], fresh[PATH_MAX];
    struct stat found;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (!kept_path(path, kept) || fstat(file, &found) || !S_ISREG(found.st_mode) || !found.st_nlink) {
        errno = before;
        return 0;
    }
    snprintf(fresh, sizeof fresh, "%s.die", getenv("POWER_KEPT"));
    if (!unlink(fresh)) kill(getpid(), SIGKILL);
    snprintf(fresh, sizeof fresh, "%s.fresh", getenv("POWER_KEPT"));
    int held = lock();
    make_folders(kept);
    failed = copy(path, fresh) || rename(fresh, kept);
    close(held);
    errno = failed ? EIO : before;
    return failed ? -1 : 0;
}

int fsync(int file) { return sync_file(file); }
int fdatasync(int file) { return sync_file(file); }

int unlink(const char *path) {
    static int (*real)(const char *);
    char kept[PATH_MAX];
    if (!real) real = dlsym(RTLD_NEXT, "unlink");
    if (!kept_path(path, kept)) return real(path);
    int held = lock(), result = real(path), before = errno;
    if (!result) real(kept);
    close(held);
    errno = before;
    return result;
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    char kept_from[PATH_MAX], kept_to[PATH_MAX];
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    if (!kept_path(from, kept_from) || !kept_path(to, kept_to)) return real(from, to);
    int held = lock(), result = real(from, to), before = errno;
    if (!result && real(kept_from, kept_to)) unlink(kept_to); /* never synced: what stood there is gone, too */
    close(held);
    errno = before;
    return result;
}
