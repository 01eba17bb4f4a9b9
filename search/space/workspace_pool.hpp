// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sotto::search {

/// Scratch space for functions that are called from any thread: as many workspaces as calls ever ran at once.
template <typename Workspace>
class WorkspacePool {
  public:
    /// A workspace for the time of one call.
    class Lease {
      public:
        Lease(WorkspacePool& pool, std::unique_ptr<Workspace> workspace)
            : pool_(pool), workspace_(std::move(workspace)) {}
        ~Lease() {
            const std::lock_guard lock(pool_.mutex_);
            pool_.idle_.push_back(std::move(workspace_));
        }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;

        Workspace* operator->() const { return workspace_.get(); }

      private:
        WorkspacePool& pool_;
        std::unique_ptr<Workspace> workspace_;
    };

    /// An idle workspace, or a new one made from the arguments. The pool must outlive the lease.
    template <typename... Arguments>
    Lease borrow(const Arguments&... arguments) {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                std::unique_ptr<Workspace> workspace = std::move(idle_.back());
                idle_.pop_back();
                return {*this, std::move(workspace)};
            }
        }
        return {*this, std::make_unique<Workspace>(arguments...)};
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace sotto::search
