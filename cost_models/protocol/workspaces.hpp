// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace sotto::protocol {

/// Scratch space that calls on one object borrow, so that calls that run at once do not meet in it: there are as many
/// spaces as calls ever ran at once. A space keeps what it was given back with. [any thread]
template <typename Space>
class Workspaces {
  public:
    class Loan {
      public:
        Loan(Workspaces& owner, std::unique_ptr<Space> space) : owner_(owner), space_(std::move(space)) {}
        ~Loan() { owner_.give_back(std::move(space_)); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;

        Space& operator*() const noexcept { return *space_; }
        Space* operator->() const noexcept { return space_.get(); }

      private:
        Workspaces& owner_;
        std::unique_ptr<Space> space_;
    };

    /// make(): a new space, where all are lent out.
    template <typename Make>
    Loan borrow(const Make& make) {
        std::unique_ptr<Space> space;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!idle_.empty()) {
                space = std::move(idle_.back());
                idle_.pop_back();
            }
            // So that giving back does not allocate.
            idle_.reserve(idle_.size() + lent_ + 1);
            ++lent_;
        }
        try {
            if (space == nullptr) {
                space = make();
            }
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex_);
            --lent_;
            throw;
        }
        return Loan(*this, std::move(space));
    }

  private:
    void give_back(std::unique_ptr<Space> space) noexcept {
        const std::lock_guard<std::mutex> lock(mutex_);
        idle_.push_back(std::move(space));
        --lent_;
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<Space>> idle_;
    std::size_t lent_ = 0;
};

}  // namespace sotto::protocol
