/* A disk that is watched, and that can be full or read-only: preloaded under a program, for the files of one folder.

   TORTURE_DISK_FOLDER   the folder (an absolute path); everything else passes untouched
   TORTURE_DISK_LOG      where to write what the program asks of the disk; disk.py reads it. Nothing is written when unset
   TORTURE_DISK_STATE    a folder: while it holds a file `full`, no file may grow; while it holds `readonly`, none may change

   A record is written when its act is done, in the order of the acts: one lock is held over act and record. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST 65536
#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

struct record { char kind; char pad[3]; uint32_t path; uint64_t file, offset, bytes, nanoseconds; };

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static unsigned char ours[MOST];
static const char *folder, *state;
static int record_to = -1;

/* PostgreSQL writes its title over the environment it was given. */
static const char *copy_of(const char *name) {
    const char *given = getenv(name);
    return given ? strdup(given) : NULL;
}

__attribute__((constructor)) static void begin(void) {
    const char *log = getenv("TORTURE_DISK_LOG");
    folder = copy_of("TORTURE_DISK_FOLDER");
    state = copy_of("TORTURE_DISK_STATE");
    if (log) record_to = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* A path that does not begin at the root begins where the process is: PostgreSQL lives in its folder. */
static int inside(const char *path) {
    size_t most = folder ? strlen(folder) : 0;
    char here[4096];
    if (most && path && path[0] != '/') path = getcwd(here, sizeof here);
    return most && path && !strncmp(path, folder, most) && (path[most] == '/' || !path[most]);
}

static int is_ours(int fd) { return fd >= 0 && fd < MOST && ours[fd]; }

static int is(const char *what) {
    char name[4096];
    if (!state) return 0;
    snprintf(name, sizeof name, "%s/%s", state, what);
    return syscall(SYS_faccessat, AT_FDCWD, name, F_OK) == 0;
}

static uint64_t inode(int fd) {
    struct stat found;
    return fstat(fd, &found) ? 0 : found.st_ino;
}

static uint64_t size_of(int fd) {
    struct stat found;
    return fstat(fd, &found) ? 0 : (uint64_t)found.st_size;
}

static void note(char kind, uint64_t file, uint64_t offset, const char *path, const void *data, uint64_t bytes) {
    if (record_to < 0) return;
    int kept = errno;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct record head = {kind, {0}, path ? strlen(path) : 0, file, offset, bytes, now.tv_sec * 1000000000ull + now.tv_nsec};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)data, data ? bytes : 0}};
    if (syscall(SYS_writev, record_to, parts, 3) != (long)(sizeof head + head.path + (data ? bytes : 0))) abort();
    errno = kept;
}

static int opened(const char *path, int flags, mode_t mode, int (*real)(const char *, int, ...)) {
    if (!inside(path)) {
        int fd = real(path, flags, mode);
        if (fd >= 0 && fd < MOST) ours[fd] = 0;
        return fd;
    }
    if ((flags & O_ACCMODE) != O_RDONLY && is("readonly")) { errno = EROFS; return -1; }
    pthread_mutex_lock(&lock);
    int fresh = (flags & O_CREAT) && access(path, F_OK);
    int fd = real(path, flags, mode);
    if (fd >= 0 && fd < MOST) {
        struct stat found;
        ours[fd] = 1;
        if (!fstat(fd, &found) && S_ISDIR(found.st_mode)) ours[fd] = 2;
        else if (fresh) note('C', inode(fd), 0, path, NULL, 0);
        if (flags & O_TRUNC) note('T', inode(fd), 0, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); } \
        return opened(path, flags, mode, real); \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < MOST) ours[fd] = 0;
    return real(fd);
}

/* Whether a write to that place cannot be: errno says why. */
static int refused(int fd, uint64_t end) {
    if (is("readonly")) { errno = EROFS; return 1; }
    if (end > size_of(fd) && is("full")) { errno = ENOSPC; return 1; }
    return 0;
}

#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t bytes, off_t offset) { \
        REAL(name); \
        if (!is_ours(fd)) return real(fd, data, bytes, offset); \
        pthread_mutex_lock(&lock); \
        ssize_t done = refused(fd, offset + bytes) ? -1 : real(fd, data, bytes, offset); \
        if (done > 0) note('W', inode(fd), offset, NULL, data, done); \
        pthread_mutex_unlock(&lock); \
        return done; \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int fd, const void *data, size_t bytes) {
    REAL(write);
    if (!is_ours(fd)) return real(fd, data, bytes);
    pthread_mutex_lock(&lock);
    uint64_t offset = fcntl(fd, F_GETFL) & O_APPEND ? size_of(fd) : (uint64_t)lseek(fd, 0, SEEK_CUR);
    ssize_t done = refused(fd, offset + bytes) ? -1 : real(fd, data, bytes);
    if (done > 0) note('W', inode(fd), offset, NULL, data, done);
    pthread_mutex_unlock(&lock);
    return done;
}

/* What only PostgreSQL calls is not recorded: it is never watched, only filled up. */
#define PWRITEV(name) \
    ssize_t name(int fd, const struct iovec *parts, int count, off_t offset) { \
        REAL(name); \
        uint64_t bytes = 0; \
        for (int each = 0; each < count; each++) bytes += parts[each].iov_len; \
        return is_ours(fd) && refused(fd, offset + bytes) ? -1 : real(fd, parts, count, offset); \
    }
PWRITEV(pwritev)
PWRITEV(pwritev64)

#define FALLOCATE(name) \
    int name(int fd, off_t offset, off_t bytes) { \
        REAL(name); \
        return is_ours(fd) && refused(fd, offset + bytes) ? errno : real(fd, offset, bytes); \
    }
FALLOCATE(posix_fallocate)
FALLOCATE(posix_fallocate64)

#define TRUNCATE(name) \
    int name(int fd, off_t bytes) { \
        REAL(name); \
        if (!is_ours(fd)) return real(fd, bytes); \
        pthread_mutex_lock(&lock); \
        int done = refused(fd, bytes) ? -1 : real(fd, bytes); \
        if (!done) note('T', inode(fd), bytes, NULL, NULL, 0); \
        pthread_mutex_unlock(&lock); \
        return done; \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(name) \
    int name(int fd) { \
        REAL(name); \
        if (!is_ours(fd)) return real(fd); \
        pthread_mutex_lock(&lock); \
        int done = real(fd); \
        if (!done) note(ours[fd] == 2 ? 'D' : 'S', inode(fd), 0, NULL, NULL, 0); \
        pthread_mutex_unlock(&lock); \
        return done; \
    }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
    REAL(unlink);
    if (!inside(path)) return real(path);
    if (is("readonly")) { errno = EROFS; return -1; }
    pthread_mutex_lock(&lock);
    int done = real(path);
    if (!done) note('U', 0, 0, path, NULL, 0);
    pthread_mutex_unlock(&lock);
    return done;
}
