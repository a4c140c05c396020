using Laurel.Kernel;

namespace Laurel.Engine.Cache;

/// <content>What the other nodes tell.</content>
public sealed partial class NodeCache
{
    private sealed class Listener(NodeCache cache) : IRedisListener
    {
        public void Ticked(long sentAt)
        {
            cache._trust.Ticked(sentAt);
            cache._watch?.SetTells(cache._link!.IsLinked);
        }

        public void Dropped(IReadOnlyList<CacheKey> keys)
        {
            foreach (var key in keys)
            {
                cache._memory.Drop(key);
            }
        }

        public void StartedOver(TenantId? tenant)
        {
            if (tenant is { } one)
            {
                cache._memory.Drop(one);
            }
            else
            {
                cache._memory.Distrust();
                cache._watch?.SetTells(cache._link!.IsLinked);
            }
        }

        public void CutOff()
        {
            cache._trust.CutOff();
            cache._watch?.SetTells(false);
        }
    }
}
