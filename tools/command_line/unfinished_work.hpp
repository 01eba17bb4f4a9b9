// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sotto::tools {

/// While one lives, whatever calls exit, quick_exit, _exit or _Exit ends the process with code 1 and a line on standard
/// error: a plug-in must not make unfinished work look like success. Holds in the process that made it, not in its
/// forks. Cannot hold against the system call exit_group itself, nor against exec. A crash within a plug-in ends the
/// process as ever, after a line that names plug-in and function. At most one lives at a time.
class UnfinishedWork {
  public:
    /// The line begins with `program`, and after who did it goes on with `hint`. Both outlive this object.
    UnfinishedWork(const char* program, const char* hint);
    ~UnfinishedWork();
    UnfinishedWork(const UnfinishedWork&) = delete;
    UnfinishedWork& operator=(const UnfinishedWork&) = delete;
};

/// The end of a program that may have loaded plug-ins: what is buffered for the standard streams is written, and no
/// exit handler or destructor of a library runs, which could change the code, crash or hang. Returns `code` in builds
/// with a sanitizer, which report at the exit.
int conclude(int code) noexcept;

/// What _exit is without UnfinishedWork: for a program's own decision to end at once. May be called by a signal
/// handler.
[[noreturn]] void end_process(int code) noexcept;

}  // namespace sotto::tools
