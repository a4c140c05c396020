namespace Laurel.GraphQL.Loading;

/// <summary>Fetches things by their keys for one request: the keys that its fields ask for at one time together, and each key once.</summary>
/// <param name="queue">That of the request; the loaders of a request share it.</param>
/// <param name="fetch">Fetches all of the keys, of which there is at least one and no two are equal. A key it answers nothing for has no value. Calls
/// may overlap.</param>
/// <param name="batchMax">How many keys are fetched at once, at least 1; more go in several calls.</param>
public sealed class DataLoader<TKey, TValue>(
    LoaderQueue queue, Func<IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyDictionary<TKey, TValue>>> fetch, int batchMax)
    where TKey : notnull
    where TValue : class
{
    private readonly int batchMax = batchMax >= 1 ? batchMax : throw new ArgumentOutOfRangeException(nameof(batchMax), batchMax, "At least 1.");
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, Promise> known = [];
    private List<Promise> asked = [];

    /// <summary>The value of a key; <c>null</c> when there is none. Fails with the exception of the fetch it was part of.</summary>
    public Task<TValue?> LoadAsync(TKey key)
    {
        Promise? promise;
        lock (gate)
        {
            if (known.TryGetValue(key, out promise))
            {
                return promise.Task;
            }

            promise = new(key);
            known.Add(key, promise);
            asked.Add(promise);
            if (asked.Count > 1)
            {
                return promise.Task;
            }
        }

        queue.Ask(FetchAsked);
        return promise.Task;
    }

    /// <summary>What was loaded may have changed: from now on every key is fetched again.</summary>
    public void Forget()
    {
        lock (gate)
        {
            known.Clear();
        }
    }

    private void FetchAsked()
    {
        List<Promise> taken;
        lock (gate)
        {
            taken = asked;
            asked = [];
        }

        for (var begin = 0; begin < taken.Count; begin += batchMax)
        {
            _ = FetchAsync(taken.GetRange(begin, Math.Min(batchMax, taken.Count - begin)));
        }
    }

    /// <summary>Whoever awaits a promise goes on within its completion, so what they ask for next is known when all are kept.</summary>
    private async Task FetchAsync(List<Promise> promises)
    {
        IReadOnlyDictionary<TKey, TValue>? found = null;
        Exception? fault = null;
        try
        {
            found = await fetch(promises.ConvertAll(static promise => promise.Key), queue.CancellationToken);
        }
        catch (Exception thrown)
        {
            fault = thrown;
        }

        queue.Enter();
        foreach (var promise in promises)
        {
            if (found is null)
            {
                promise.SetException(fault ?? new InvalidOperationException("The fetch of a loader answered nothing."));
            }
            else
            {
                promise.SetResult(found.GetValueOrDefault(promise.Key));
            }
        }

        queue.Leave();
    }

    /// <summary>Without the option to continue elsewhere: see <see cref="FetchAsync"/>.</summary>
    private sealed class Promise(TKey key) : TaskCompletionSource<TValue?>
    {
        public TKey Key { get; } = key;
    }
}
