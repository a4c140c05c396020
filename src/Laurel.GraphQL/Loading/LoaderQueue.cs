namespace Laurel.GraphQL.Loading;

/// <summary>The loaders of one request that have been asked for something. They fetch when nothing of the request can go on without them,
/// so what many fields ask for goes out together: the executor says when it goes on and when it has to wait.</summary>
/// <remarks>There is no clock in it. A stretch of work begins with <see cref="Enter"/> and ends with <see cref="Leave"/>; with the end of the
/// last one everything that was asked for is fetched. Work that goes on by itself after waiting for something else, such as a resolver after
/// its own call of a database, is no stretch the executor knows of: then the thread pool ends one, after what it has to do already.</remarks>
public sealed class LoaderQueue
{
    private readonly Lock gate = new();
    private List<Action> asked = [];
    private int running;
    private bool fetching;

    /// <summary>That of the request being executed.</summary>
    internal CancellationToken CancellationToken { get; set; }

    /// <summary>A stretch of work begins, in which more may be asked for.</summary>
    internal void Enter()
    {
        lock (gate)
        {
            running++;
        }
    }

    /// <summary>A stretch of work has ended.</summary>
    internal void Leave()
    {
        lock (gate)
        {
            running--;
            if (fetching)
            {
                return;
            }

            fetching = true;
        }

        // A loop and no recursion: a fetch may end at once and lead to the next, however often.
        while (TakeAsked() is { } next)
        {
            foreach (var fetch in next)
            {
                fetch();
            }
        }
    }

    /// <summary>A loader has something to fetch.</summary>
    /// <param name="fetch">Begins it. Does not throw.</param>
    internal void Ask(Action fetch)
    {
        lock (gate)
        {
            asked.Add(fetch);
            if (running > 0 || fetching)
            {
                return;
            }

            running++;
        }

        ThreadPool.QueueUserWorkItem(static queue => queue.Leave(), this, preferLocal: false);
    }

    /// <summary><c>null</c> ends the fetching: there is nothing left, or somebody still goes on and will end it.</summary>
    private List<Action>? TakeAsked()
    {
        lock (gate)
        {
            if (running > 0 || asked.Count == 0)
            {
                fetching = false;
                return null;
            }

            var next = asked;
            asked = [];
            return next;
        }
    }
}
