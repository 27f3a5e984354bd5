"""What the evaluate modules share: how clips are checked and stored, and the page to try one."""
