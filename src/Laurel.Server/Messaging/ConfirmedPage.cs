using RabbitMQ.Client.Events;

namespace Laurel.Server.Messaging;

/// <summary>Messages published one after the other, and which of them the broker has confirmed.</summary>
/// <param name="first">The number that the channel gives the first of them.</param>
internal sealed class ConfirmedPage(ulong first, int count)
{
    private readonly Lock _lock = new();
    private readonly bool[] _confirmed = new bool[count];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _low;
    private int _left = count;

    /// <summary>Ends when all are confirmed, or fails with the first that is not.</summary>
    public Task Done => _done.Task;

    /// <summary>Messages that are not confirmed yet.</summary>
    public int Left => Volatile.Read(ref _left);

    public void Ack(BasicAckEventArgs ack)
    {
        if (ack.DeliveryTag < first)
        {
            return;
        }

        lock (_lock)
        {
            var place = (int)Math.Min(ack.DeliveryTag - first, (ulong)(_confirmed.Length - 1));
            for (var i = ack.Multiple ? _low : place; i <= place; i++)
            {
                _left -= _confirmed[i] ? 0 : 1;
                _confirmed[i] = true;
            }

            while (_low < _confirmed.Length && _confirmed[_low])
            {
                _low++;
            }

            if (_left > 0)
            {
                return;
            }
        }

        _done.TrySetResult();
    }

    public void Fail(string reason) => _done.TrySetException(new IOException(reason));
}
