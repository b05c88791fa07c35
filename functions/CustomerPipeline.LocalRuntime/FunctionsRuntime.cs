using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cronos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.LocalRuntime;

/// <summary>
/// Runs trigger classes on one machine as a Functions host does: queue batches by peek-lock, change feeds, timers, HTTP. What a host does when
/// a function throws is done here too: a queue batch is given back, a change-feed batch is retried by its policy and then passed over.
/// </summary>
public sealed partial class FunctionsRuntime(
    IReadOnlyList<BoundFunction> functions,
    IServiceProvider services,
    IQueueSource queues,
    IChangeSource changes,
    HostSettings settings,
    JsonSerializerOptions json,
    IConfiguration configuration,
    TimeProvider clock,
    ILogger<FunctionsRuntime> logger) : BackgroundService
{
    private const int DefaultChangesPerInvocation = 500;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LookAtClockEvery = TimeSpan.FromMinutes(1);

    /// <summary>The name under which a change-feed function keeps its place.</summary>
    public static string ConsumerOf(BoundFunction function) => function.Name;

    /// <summary>Adds the HTTP functions to the web server.</summary>
    public void MapHttp(IEndpointRouteBuilder endpoints)
    {
        foreach (var function in functions.Where(f => f.Trigger is HttpTriggerAttribute))
        {
            var trigger = (HttpTriggerAttribute)function.Trigger;
            var invoker = new FunctionInvoker(function, services);
            var route = $"{settings.RoutePrefix}/{trigger.Route ?? function.Name}".TrimStart('/');
            endpoints.MapMethods(route, trigger.Methods!.Select(m => m.ToUpperInvariant()), context => HandleHttpAsync(invoker, context));
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(functions.SelectMany(function => function.Trigger switch
    {
        ServiceBusTriggerAttribute trigger => Enumerable.Range(0, settings.QueueBatchesAtOnce)
            .Select(_ => Task.Run(() => PumpQueueAsync(new FunctionInvoker(function, services), trigger.QueueName!, stoppingToken), CancellationToken.None)),
        CosmosDBTriggerAttribute trigger => [Task.Run(() => PumpChangesAsync(new FunctionInvoker(function, services), trigger, stoppingToken), CancellationToken.None)],
        TimerTriggerAttribute trigger => [Task.Run(() => PumpTimerAsync(new FunctionInvoker(function, services), trigger, stoppingToken), CancellationToken.None)],
        _ => [],
    }));

    private static async Task HandleHttpAsync(FunctionInvoker invoker, HttpContext context)
    {
        var bindingData = context.Request.RouteValues.ToDictionary(v => v.Key, v => v.Value, StringComparer.OrdinalIgnoreCase);
        var result = (IActionResult)(await invoker.InvokeAsync(context.Request, bindingData, context.RequestAborted))!;
        await result.ExecuteResultAsync(new ActionContext(context, context.GetRouteData(), new ActionDescriptor()));
    }

    private async Task PumpQueueAsync(FunctionInvoker invoker, string queue, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var messages = await queues.ReceiveAsync(queue, settings.MaxMessageBatchSize, stopping);
                await DispatchQueueAsync(invoker, queue, messages, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogSourceFailed(logger, e, queue);
                await PauseAsync(stopping);
            }
        }
    }

    private async Task DispatchQueueAsync(FunctionInvoker invoker, string queue, IReadOnlyList<QueueMessage> messages, CancellationToken stopping)
    {
        if (messages.Count == 0)
        {
            return;
        }

        try
        {
            await invoker.InvokeAsync(messages.Select(m => m.Body.ToArray()).ToArray(), BindingDataOf(messages), stopping);
        }
        catch (Exception e) when (!(e is OperationCanceledException && stopping.IsCancellationRequested))
        {
            LogFunctionFailed(logger, e, invoker.Function.Name, messages.Count);
            await queues.AbandonAsync(queue, messages);
            await PauseAsync(stopping);
            return;
        }

        await queues.CompleteAsync(queue, messages);
    }

    // The arrays that the host sends along with a batch.
    private static Dictionary<string, object?> BindingDataOf(IReadOnlyList<QueueMessage> messages) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["SequenceNumberArray"] = messages.Select(m => m.SequenceNumber).ToArray(),
        ["DeliveryCountArray"] = messages.Select(m => m.DeliveryCount).ToArray(),
        ["MessageIdArray"] = messages.Select(m => m.MessageId).ToArray(),
    };

    private async Task PumpChangesAsync(FunctionInvoker invoker, CosmosDBTriggerAttribute trigger, CancellationToken stopping)
    {
        var consumer = new ChangeConsumer(ConsumerOf(invoker.Function), trigger.ContainerName, trigger.MaxItemsPerInvocation > 0 ? trigger.MaxItemsPerInvocation : DefaultChangesPerInvocation);
        var itemShape = json.GetTypeInfo(invoker.Function.TriggerParameter.ParameterType.GetGenericArguments()[0]);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await changes.RunAsync(consumer, (documents, token) => DispatchChangesAsync(invoker, itemShape, documents, token), stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogSourceFailed(logger, e, trigger.ContainerName);
                await PauseAsync(stopping);
            }
        }
    }

    // As the Cosmos DB trigger: after the last retry the batch counts as done.
    private Task DispatchChangesAsync(FunctionInvoker invoker, JsonTypeInfo itemShape, IReadOnlyList<ReadOnlyMemory<byte>> documents, CancellationToken stopping) =>
        RunWithRetriesAsync(invoker, documents.Count, () =>
        {
            var items = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemShape.Type), documents.Count)!;
            foreach (var document in documents)
            {
                items.Add(ItemOf(document, itemShape));
            }

            return invoker.InvokeAsync(items, new Dictionary<string, object?>(), stopping);
        }, stopping);

    // What is not even JSON, as only a damaged store can have it, must not keep the rest of its batch back: the function is given nothing in its place.
    private static object? ItemOf(ReadOnlyMemory<byte> document, JsonTypeInfo itemShape)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Span, itemShape);
        }
        catch (JsonException)
        {
            return itemShape.Type.IsValueType ? Activator.CreateInstance(itemShape.Type) : null;
        }
    }

    // Runs a function until it succeeds or its policy has no retry left.
    private async Task RunWithRetriesAsync(FunctionInvoker invoker, int count, Func<Task> run, CancellationToken stopping)
    {
        for (var retry = 0; ; retry++)
        {
            try
            {
                await run();
                return;
            }
            catch (Exception e) when (!stopping.IsCancellationRequested)
            {
                LogFunctionFailed(logger, e, invoker.Function.Name, count);
                if (invoker.Function.Retry.DelayBefore(retry) is not { } delay)
                {
                    return;
                }

                await Task.Delay(delay, clock, stopping);
            }
        }
    }

    private async Task PumpTimerAsync(FunctionInvoker invoker, TimerTriggerAttribute trigger, CancellationToken stopping)
    {
        var schedule = CronExpression.Parse(Resolve(trigger.Schedule), CronFormat.IncludeSeconds);
        if (trigger.RunOnStartup)
        {
            await FireAsync(invoker, stopping);
        }

        // The clock is looked at now and then, as it may be set, or the machine may have slept: what is due by then fires at once.
        var looked = clock.GetUtcNow().UtcDateTime;
        while (!stopping.IsCancellationRequested && schedule.GetNextOccurrence(looked) is { } next)
        {
            var now = clock.GetUtcNow().UtcDateTime;
            if (now >= next)
            {
                looked = now;
                await FireAsync(invoker, stopping);
                continue;
            }

            looked = now < looked ? now : looked;
            try
            {
                await Task.Delay(next - now < LookAtClockEvery ? next - now : LookAtClockEvery, clock, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task FireAsync(FunctionInvoker invoker, CancellationToken stopping)
    {
        try
        {
            await RunWithRetriesAsync(invoker, 1, () => invoker.InvokeAsync(new TimerInfo(), new Dictionary<string, object?>(), stopping), stopping);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the timer's loop ends.
        }
    }

    private string Resolve(string schedule) => schedule.StartsWith('%') && schedule.EndsWith('%')
        ? configuration[schedule.Trim('%')] ?? throw new FunctionBindingException(schedule, "the setting with its schedule is missing")
        : schedule;

    private async Task PauseAsync(CancellationToken stopping)
    {
        try
        {
            await Task.Delay(PauseAfterFailure, clock, stopping);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the caller's loop ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The function {Function} failed on a batch of {Count}; it will be delivered again or retried by its policy")]
    private static partial void LogFunctionFailed(ILogger logger, Exception exception, string function, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Taking from or settling with {Source} failed; trying again")]
    private static partial void LogSourceFailed(ILogger logger, Exception exception, string source);
}
